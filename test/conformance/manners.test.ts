import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CloudError } from '../../simulator/worker/cloud.ts';
import { idsOf, reportOf, run, start } from './support/cli.ts';
import { spoil } from './support/proxy.ts';
import { failedIn, judge, madeBySuite, startWaldur, tokenOf, volumeOf } from './support/waldur.ts';

interface Seen {
  readonly method: string;
  readonly path: string;
}

const seenBy = async (url: string): Promise<readonly Seen[]> => {
  const answer = await fetch(`${url}/__sim/requests`);
  return (await answer.json()) as readonly Seen[];
};

describe('without --destructive', () => {
  it('nothing but GET and HEAD is sent', async () => {
    const waldur = await startWaldur();
    const { code } = await run('--url', waldur.url, '--token', tokenOf(waldur, 'owner'));
    expect(code).toBe(0);
    const seen = await seenBy(waldur.url);
    expect(seen.length).toBeGreaterThan(100);
    expect(seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  });

  it('passes for a member without write permissions', async () => {
    const waldur = await startWaldur({ waldur: '2024' });
    const { code, out } = await run('--url', `${waldur.url}/api/`, '--token', tokenOf(waldur, 'member'));
    expect(out).toContain(' 0 failed');
    expect(code).toBe(0);
  });

  it('lists the checks that could not be made for a user without objects', async () => {
    const waldur = await startWaldur();
    const { results } = await judge(waldur, { role: 'stranger' });
    const report = { checks: results };
    expect(idsOf(report, 'FAIL')).toEqual([]);
    expect(idsOf(report, 'skip')).toContain('snapshot.texts');
    expect(idsOf(report, 'pass')).toContain('auth.none');
  });
});

describe('with --destructive', () => {
  it('passes and leaves nothing behind while data changes', async () => {
    const waldur = await startWaldur({ frozen: false, scale: 120, snapshots: 60 });
    const words = ['--destructive', '--volume', volumeOf(waldur), '--staff-token', tokenOf(waldur, 'staff'), '--json'];
    const report = reportOf(await run('--url', waldur.url, '--token', tokenOf(waldur, 'owner'), ...words));
    expect(idsOf(report, 'FAIL')).toEqual([]);
    expect(idsOf(report, 'pass')).toEqual(expect.arrayContaining(['create.settles', 'restore.settles', 'delete.gone']));
    expect(madeBySuite(waldur)).toEqual([]);
  });

  it.each([
    ['PATCH', '/'],
    ['PUT', '/'],
    ['POST', '/pull/'],
    ['POST', '/restore/'],
    ['DELETE', '/'],
  ])('goes on with another snapshot when it was created too early for the refusal of %s %s', async (method, end) => {
    const waldur = await startWaldur({ snapshots: 30 });
    const early = vi.fn((uuid: string) => {
      waldur.clock.advance(60_000);
      expect(waldur.world.tables.snapshots.get(uuid)?.state).toBe('OK');
    });
    const url = await spoil(waldur.url, {
      hears(target, by) {
        const [, uuid = '', rest] = /openstack-snapshots\/(\w+)(\/.*)$/.exec(target) ?? [];
        const row = waldur.world.tables.snapshots.get(uuid);
        if (by === method && rest === end && row?.state === 'CREATION_SCHEDULED') early(uuid);
        return target;
      },
    });
    const outcome = await judge(waldur, { destructive: true, url });
    expect(early).toHaveBeenCalledOnce();
    expect(failedIn(outcome)).toEqual([]);
    const passed = outcome.results.filter(({ verdict }) => verdict === 'pass').map(({ id }) => id);
    expect(passed).toEqual(expect.arrayContaining(['create.settles', 'restore.settles', 'delete.gone']));
    expect(madeBySuite(waldur)).toEqual([]);
  });

  it('names the restored volume that remains without a staff token', async () => {
    const waldur = await startWaldur({ snapshots: 30 });
    const { left, results } = await judge(waldur, { destructive: true, staff: false });
    const [name] = madeBySuite(waldur);
    expect(madeBySuite(waldur)).toEqual([expect.stringMatching(/-restored$/)]);
    expect(left).toEqual([expect.stringContaining(`volume "${name}" (`)]);
    expect(left[0]).toContain('is left: volumes cannot be deleted over this API');
    const unlink = results.find(({ id }) => id === 'unlink.done');
    expect(unlink).toMatchObject({ verdict: 'skip', reason: 'no --staff-token was given' });
  });

  it('a snapshot that OpenStack refuses to delete fails its check, and Waldur forgets it at the second attempt', async () => {
    const waldur = await startWaldur({ snapshots: 30 });
    waldur.cloud.fail('delete_snapshot', new CloudError(500, 'Out of order'), {});
    const outcome = await judge(waldur, { destructive: true });
    expect(failedIn(outcome)).toEqual(['delete.gone']);
    expect(madeBySuite(waldur)).toEqual([]);
  });

  it('removes what it created when it is interrupted', async () => {
    const waldur = await startWaldur({ snapshots: 30 });
    const words = ['--destructive', '--volume', volumeOf(waldur)];
    const running = start('--url', waldur.url, '--token', tokenOf(waldur, 'owner'), ...words);
    // The world stands still, so that the next check waits for a snapshot that is never made.
    await running.shows(/ delete\.wrong-state /);
    expect(madeBySuite(waldur)).toHaveLength(1);
    running.kill('SIGTERM');
    await running.shows(/the run was stopped/);
    waldur.clock.set({ frozen: false, scale: 1000 });
    const { code } = await running.ended;
    expect(code).toBe(1);
    expect(madeBySuite(waldur)).toEqual([]);
  });

  it('gives up on an operation after --timeout', async () => {
    const waldur = await startWaldur({ snapshots: 30 });
    const words = ['--destructive', '--volume', volumeOf(waldur), '--timeout', '0.2', '--json'];
    const result = await run('--url', waldur.url, '--token', tokenOf(waldur, 'owner'), ...words);
    const report = reportOf(result);
    expect(idsOf(report, 'FAIL')).toEqual(['create.settles']);
    expect(report.left).toEqual([
      expect.stringMatching(/is left: the snapshot is still CREATION_SCHEDULED after 0.2 s$/),
    ]);
  });
});

describe('the token', () => {
  it('is never printed, even when a server echoes it', async () => {
    const waldur = await startWaldur({ snapshots: 30 });
    const token = tokenOf(waldur, 'owner');
    const url = await spoil(waldur.url, {
      says: ({ target, headers }, answer) =>
        target.includes('created')
          ? { ...answer, status: 500, text: JSON.stringify({ detail: headers.authorization }) }
          : answer,
    });
    const { code, out, err } = await run('--url', url, '--token', token);
    expect(code).toBe(1);
    expect(out).toContain('(the token)');
    expect(out + err).not.toContain(token);
  });
});

describe('invalid targets', () => {
  it('a port where nobody listens', async () => {
    const server = http.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const { code, out, err } = await run('--url', `http://127.0.0.1:${port}`, '--token', 'x'.repeat(40));
    expect(err).toMatch(
      /^conformance: no response to GET users\/me\/.* at http:\/\/127\.0\.0\.1:\d+\/api\/ \(ECONNREFUSED\)\n$/,
    );
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  it('an unknown token', async () => {
    const waldur = await startWaldur({ snapshots: 1 });
    const { code, out, err } = await run('--url', waldur.url, '--token', 'x'.repeat(40));
    expect(err).toMatch(/^conformance: http:\S+ rejects the token \(401\)\n$/);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  it('a server that is not Waldur', async () => {
    const server = http.createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
    });
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { code, err } = await run('--url', `http://127.0.0.1:${port}`, '--token', 'x'.repeat(40));
    expect(err).toMatch(/^conformance: no Waldur answers at http:\S+: GET users\/me\/ is a 200 of text\/html\n$/);
    expect(code).toBe(2);
  });

  it('a volume that the token cannot see, and a staff token without staff rights', async () => {
    const waldur = await startWaldur({ snapshots: 1 });
    const owner = ['--url', waldur.url, '--token', tokenOf(waldur, 'owner'), '--destructive'];
    const missing = await run(...owner, '--volume', '0'.repeat(32));
    expect(missing.err).toMatch(/^conformance: the token shows no volume 0{32} \(404\)\n$/);
    const unprivileged = ['--volume', volumeOf(waldur), '--staff-token', tokenOf(waldur, 'owner')];
    const wrong = await run(...owner, ...unprivileged);
    expect(wrong.err).toBe('conformance: the staff token does not belong to a staff user\n');
    expect([missing.code, wrong.code]).toEqual([2, 2]);
    const writes = (await seenBy(waldur.url)).filter(({ method }) => method !== 'GET');
    expect(writes).toEqual([]);
  });
});
