import { beforeEach, describe, expect, it, vi } from 'vitest';
import { at, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';
import { ask, TRANSPORTS } from './support/transports.ts';

/** An upstream that fails, stalls, or answers with what cannot be used. */

/** Each test has its own ten seconds, so that none uses up the retries of another or opens the breaker for it. */
let ahead = 0;
beforeEach(() => {
  ahead += 60_000;
});
const now = () => performance.now() + ahead;
const gateway = useGateway({}, { now });
const authorization = `Token ${tokenOf('staff')}`;
const LIST = '{ snapshots(first: 3) { nodes { uuid name } } }';
const BESIDE = '{ snapshots(first: 2) { nodes { uuid } } volumes(first: 2) { nodes { uuid } } }';
const SNAPSHOTS = '/api/openstack-snapshots/';
const SECRET = 'Traceback (most recent call last): password=hunter2';
const json = { 'content-type': 'application/json' };
const html = { 'content-type': 'text/html' };

/** Of a query that asks for two lists, the spoiled one is told by its path and the other one served. */
async function expectHalf(code: string): Promise<void> {
  const { status, data, errors } = await gateway().query(BESIDE);
  expect(status).toBe(200);
  expect(errors).toMatchObject([{ path: ['snapshots', 'nodes'], extensions: { code } }]);
  expect(JSON.stringify(errors)).not.toContain('hunter2');
  expect(at(data, 'volumes', 'nodes', 1, 'uuid')).toBeTypeOf('string');
}

describe('case 18: a 500 with a traceback is UPSTREAM_ERROR without its text', () => {
  it.each(TRANSPORTS)('over %s', async (transport) => {
    gateway().simulator.faults.add({ status: 500, headers: html, body: `<pre>${SECRET}</pre>` });
    const change = `mutation { pullSnapshot(input: { uuid: "${uuidOf.snapshot('rw-target')}" }) { userErrors { code } } }`;
    for (const query of [LIST, change]) {
      const { codes, text } = await ask(gateway().url, transport, { query }, { authorization });
      expect(codes).toEqual(['UPSTREAM_ERROR']);
      expect(text).not.toMatch(/hunter2|Traceback|<pre>/);
    }
  });

  it('the text of a refusal of an unknown shape is not shown either', async () => {
    gateway().simulator.faults.add({ status: 400, headers: html, body: SECRET });
    const { errors } = await gateway().query(LIST);
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_ERROR' } }]);
    expect(JSON.stringify(errors)).not.toContain('hunter2');
  });
});

describe('case 19: UPSTREAM_TIMEOUT within the deadline, and the upstream request is aborted', () => {
  const hasty = useGateway({ upstreamAttemptTimeoutMs: 300, upstreamTimeoutMs: 700 }, { now });

  it.each([
    ['headers that never come', { latencyMs: 60_000 }],
    ['a body that stalls at once', { stallAfter: 0 }],
    ['a body that stalls within', { stallAfter: 20 }],
  ])('%s', async (_name, fault) => {
    hasty().simulator.faults.add(fault);
    for (const transport of TRANSPORTS) {
      const { codes } = await ask(hasty().url, transport, { query: LIST }, { authorization });
      expect(codes).toEqual(['UPSTREAM_TIMEOUT']);
    }
    await vi.waitFor(() => expect(hasty().simulator.stats().inFlight).toBe(0), { interval: 5 });
  });

  it('sequential calls share one deadline', async () => {
    // Each of them alone would have its answer in time.
    hasty().simulator.faults.add({ latencyMs: 200 });
    const counts = Array.from({ length: 20 }, (_, i) => `v${i}: volumes(filter: { name: "${i}" }) { totalCount }`);
    const query = `{ ${counts.join(' ')} }`;
    const { errors } = await hasty().query(query);
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(['UPSTREAM_TIMEOUT']));
  });
});

describe('case 20: a truncated body is requested once more, then it is an error with a code', () => {
  const CUTS = [
    ['with content-length', { truncateAt: 40 }, 'UPSTREAM_ERROR'],
    ['chunked', { truncateAt: 40, headers: { 'transfer-encoding': 'chunked' } }, 'UPSTREAM_ERROR'],
    ['before its first byte', { truncateAt: 0 }, 'UPSTREAM_ERROR'],
    ['before the headers', { reset: true }, 'UPSTREAM_UNAVAILABLE'],
  ] as const;
  it.each(CUTS)('%s, once: no error', async (_name, fault) => {
    gateway().simulator.faults.add({ ...fault, times: 1 });
    const { data, errors } = await gateway().query(LIST);
    expect(errors).toBeUndefined();
    expect(at(data, 'snapshots', 'nodes', 2, 'name')).toBeTypeOf('string');
    expect(gateway().calls()).toBe(2);
  });

  it.each(CUTS)('%s, every time', async (_name, fault, code) => {
    gateway().simulator.faults.add({ path: SNAPSHOTS, ...fault });
    await expectHalf(code);
    expect(gateway().callsByRoute()[`GET ${SNAPSHOTS}`]).toBe(2);
  });
});

describe('case 21: the invalid part is an error with a code, the rest is returned', () => {
  it.each([
    ['no JSON', { headers: json, body: `[{"uuid": "${SECRET}` }],
    ['nothing', { headers: json, body: '' }],
    ['HTML with status 200', { headers: html, body: `<p>${SECRET}` }],
    ['HTML called JSON', { headers: json, body: `<p>${SECRET}` }],
    ['JSON called HTML', { headers: html, body: '{}' }],
    ['an object for a list', { headers: json, body: `{"x": "${SECRET}"}` }],
    ['null', { headers: json, body: 'null' }],
    ['a text', { headers: json, body: `"${SECRET}"` }],
    ['a coding that nobody knows', { headers: { ...json, 'content-encoding': 'rot13' }, body: '[]' }],
    ['a compression that is none', { headers: { ...json, 'content-encoding': 'gzip' }, body: SECRET }],
  ])('%s', async (_name, fault) => {
    gateway().simulator.faults.add({ path: SNAPSHOTS, status: 200, ...fault });
    await expectHalf('UPSTREAM_ERROR');
  });

  it('a wrong type in one row affects only that row', async () => {
    const good = { uuid: uuidOf.snapshot('rw-target'), name: 'good' };
    const body = JSON.stringify([{ uuid: uuidOf.snapshot('st-ok'), name: [SECRET] }, good, SECRET]);
    gateway().simulator.faults.add({ status: 200, headers: { ...json, 'x-result-count': '3' }, body });
    const { data, errors } = await gateway().query(LIST);
    expect(at(data, 'snapshots', 'nodes')).toEqual([null, good, null]);
    expect(errors).toMatchObject([
      { path: ['snapshots', 'nodes', 0, 'name'], extensions: { code: 'UPSTREAM_ERROR' } },
      { path: ['snapshots', 'nodes', 2], extensions: { code: 'UPSTREAM_ERROR' } },
    ]);
    expect(JSON.stringify(errors)).not.toContain('hunter2');
  });
});

describe('case 22: a gzip bomb is stopped at the limit for decompressed data', () => {
  // With the usual deadlines: the embedded Waldur takes its time to make one.
  const patient = useGateway({ upstreamMaxBodyMib: 4 });
  it('64 times the limit: an error with a code, and no memory is used for it', async () => {
    // Making the first one takes memory of its own, in the same process.
    patient().simulator.faults.add({ gzipBombMiB: 256, times: 1 });
    await patient().query(LIST);
    patient().simulator.faults.add({ gzipBombMiB: 256 });
    const before = process.memoryUsage().arrayBuffers;
    const { errors } = await patient().query(LIST);
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_ERROR' } }]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
    patient().simulator.faults.clear();
    expect((await patient().query(LIST)).errors).toBeUndefined();
  });
});

describe('case 23: Retry-After is passed on, up to a minute; nothing is sent again', () => {
  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toUTCString();
  it.each([
    ['seconds', () => '7', 7, 7],
    ['a date', () => inSeconds(20), 18, 20],
    ['a date that has passed', () => inSeconds(-500), 1, 1],
    ['absurd', () => '9'.repeat(400), 60, 60],
    ['an absurd date', () => 'Fri, 31 Dec 9999 23:59:59 GMT', 60, 60],
    ['negative', () => '-5', 1, 60],
    ['no time at all', () => 'tomorrow, perhaps', 1, 1],
    ['nothing', () => undefined, 1, 1],
  ])('%s', async (_name, retryAfter, least, most) => {
    const given = retryAfter();
    gateway().simulator.faults.add({ status: 429, headers: { ...json, ...(given && { 'retry-after': given }) } });
    const { errors } = await gateway().query(LIST);
    expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }]);
    const seconds = Number(errors?.[0]?.extensions.retryAfterSeconds);
    expect(seconds).toBeGreaterThanOrEqual(least);
    expect(seconds).toBeLessThanOrEqual(most);
    expect(gateway().calls()).toBe(1);
  });
});
