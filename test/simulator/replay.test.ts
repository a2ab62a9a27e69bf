import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { dataset } from '../support/gateway.ts';
import { startEmbedded } from './support/embedded.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const RECORDINGS = path.join(ROOT, 'test/recordings');

/** The least share of a group's cases that must agree; groups that are not here are listed below case by case. */
const LEAST: Readonly<Record<string, number>> = {
  auth: 1,
  choices: 0.98,
  'create-order': 1,
  'create-snapshot': 1,
  delete: 1,
  errors: 0.97,
  field: 1,
  list: 1,
  paging: 1,
  patch: 1,
  pull: 1,
  put: 1,
  related: 0.9,
  restorations: 1,
  restore: 1,
  retrieve: 1,
  unlink: 1,
  visibility: 1,
  'volume-more': 0.97,
  'volume-writes': 1,
  volumes: 1,
};

/** Why the remaining cases differ, by the beginning of `group / name`. Whatever is not named here must agree. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'errors / GET api root': 'the index of some 250 endpoints is not imitated',
  'errors / GET root': "Waldur's welcome page is not imitated",
  'errors / GET version': 'the version endpoint is not offered',
  'errors / JSON body of 12 MB': 'the comparing program fails on its own pattern of 12 million characters',
  'related / openstack-images':
    'this group was recorded before images were shown to staff and support only; see the group choices',
  'related / customers detail': 'slugs are made up, and staff and others see the same projects of a customer',
  'related / openstack-backups detail': 'backups are listed by name and state only',
  'related / openstack-snapshot-schedules detail': 'schedules are listed by name only',
  'volume-more / attach to a shut off instance': 'the event log is not offered',
  'volume-more / detach with a body that is ignored': 'the event log is not offered',
  'volume-more / pull erred': 'the event log is not offered',
  'related / version': 'the version endpoint is not offered',
  'related / configuration anonymous': 'the configuration of the user interface is not offered',
  'related / features': 'the feature switches of the user interface are not offered',
};

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ dataset, frozen: true, waldur: '2024' });
});
afterAll(() => simulator.close());

describe('recorded requests to a real Waldur', () => {
  let lines: string[] = [];
  beforeAll(async () => {
    const program = [path.join(ROOT, 'tools/replay.mjs'), '--url', simulator.url, '--max', '3000'];
    const options = ['--dataset', path.join(RECORDINGS, 'dataset.json'), RECORDINGS];
    // It exits with 1 when anything differs, which is judged below.
    const { stdout } = await promisify(execFile)(process.execPath, [...program, ...options], {
      maxBuffer: 64 * 1024 * 1024,
    }).catch((error: { stdout: string }) => error);
    lines = stdout.split('\n');
  }, 120_000);

  it('differ only where a reason is given, and each reason is still needed', () => {
    const different = lines.filter((line) => / \/ /.test(line));
    const unnamed = different.filter((line) => !Object.keys(DIFFERENCES).some((name) => line.startsWith(name)));
    expect(unnamed).toEqual([]);
    const needless = Object.keys(DIFFERENCES).filter((name) => !different.some((line) => line.startsWith(name)));
    expect(needless).toEqual([]);
  });

  it.each(Object.entries(LEAST))('of %s agree by at least %d', (group, least) => {
    const counts = lines.join('\n').match(new RegExp(`(?:^|, )${group} (\\d+)/(\\d+)`, 'm'));
    expect(Number(counts?.[1]) / Number(counts?.[2])).toBeGreaterThanOrEqual(least);
  });
});

describe('the HTTP server', () => {
  const segment = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom('api', 'openstack-snapshots', 'restore', 'users', 'me', '%zz', '..', '%00'),
  );
  const target = fc
    .tuple(fc.array(segment, { maxLength: 5 }), fc.string({ maxLength: 60 }))
    .map(([parts, query]) => `/${parts.join('/')}/?${query}`);

  it('responds to any method, target, headers and body', () => {
    const api = startEmbedded('2026');
    const token = api.tokenOf('staff');
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'BREW'),
        target,
        fc.dictionary(
          fc.constantFrom('accept', 'content-type', 'x-forwarded-for', 'accept-language', 'host'),
          fc.string(),
        ),
        fc.uint8Array({ maxLength: 200 }),
        (method, address, headers, body) => {
          const answer = api.handle({
            method,
            target: address,
            headers: { authorization: `Token ${token}`, ...headers },
            body: Buffer.from(body),
            remoteAddress: '127.0.0.1',
          });
          expect(answer.status).toBeGreaterThanOrEqual(200);
          expect(answer.status).toBeLessThan(600);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
