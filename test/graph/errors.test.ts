import { describe, expect, it } from 'vitest';
import { at, useGateway, uuidOf } from '../support/gateway.ts';

const gateway = useGateway({ upstreamAttemptTimeoutMs: 400, upstreamTimeoutMs: 900 });
const LIST = '{ snapshots(first: 2) { nodes { uuid name } } }';
const SECRET = 'Traceback: password=hunter2';

describe('upstream failures have codes, and no upstream text is passed on', () => {
  it.each([
    ['500 with a traceback', { status: 500, body: SECRET, headers: { 'content-type': 'text/html' } }, 'UPSTREAM_ERROR'],
    ['502', { status: 502, body: SECRET }, 'UPSTREAM_UNAVAILABLE'],
    ['503', { status: 503, body: SECRET }, 'UPSTREAM_UNAVAILABLE'],
    ['504', { status: 504, body: SECRET }, 'UPSTREAM_UNAVAILABLE'],
    ['301', { status: 301, headers: { location: 'http://203.0.113.1/' } }, 'UPSTREAM_ERROR'],
    ['308', { status: 308, headers: { location: 'http://203.0.113.1/' } }, 'UPSTREAM_ERROR'],
    [
      '429',
      { status: 429, headers: { 'retry-after': '7', 'content-type': 'application/json' }, body: '{"detail": "x"}' },
      'RATE_LIMITED',
    ],
    ['403', { status: 403, headers: { 'content-type': 'application/json' }, body: '{"detail": "no"}' }, 'FORBIDDEN'],
    [
      'HTML with 200',
      { status: 200, headers: { 'content-type': 'text/html' }, body: `<p>${SECRET}` },
      'UPSTREAM_ERROR',
    ],
    [
      'broken JSON',
      { status: 200, headers: { 'content-type': 'application/json' }, body: `[{"${SECRET}` },
      'UPSTREAM_ERROR',
    ],
    [
      'another shape',
      { status: 200, headers: { 'content-type': 'application/json' }, body: `{"x": "${SECRET}"}` },
      'UPSTREAM_ERROR',
    ],
    ['reset', { reset: true }, 'UPSTREAM_UNAVAILABLE'],
    ['truncated', { truncateAt: 5 }, 'UPSTREAM_ERROR'],
    ['stalled', { stallAfter: 5 }, 'UPSTREAM_TIMEOUT'],
    ['no headers', { latencyMs: 5_000 }, 'UPSTREAM_TIMEOUT'],
  ])('%s', async (_name, fault, code) => {
    gateway().simulator.faults.add(fault);
    const answer = await gateway().query(LIST);
    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ snapshots: null });
    expect(answer.errors).toMatchObject([{ path: ['snapshots', 'nodes'], extensions: { code } }]);
    expect(JSON.stringify(answer.errors)).not.toContain('hunter2');
    gateway().simulator.faults.clear();
    expect((await gateway().query(LIST)).errors).toBeUndefined();
  });

  it('429 includes the time to wait', async () => {
    gateway().simulator.faults.add({ status: 429, headers: { 'retry-after': '7' }, body: '{}' });
    expect((await gateway().query(LIST)).errors?.[0]?.extensions.retryAfterSeconds).toBe(7);
  });

  it('one failed GET is retried without an error', async () => {
    gateway().simulator.faults.add({ status: 503, times: 1 });
    expect((await gateway().query(LIST)).errors).toBeUndefined();
    expect(gateway().calls()).toBe(2);
  });

  it('one of several fetches fails alone, and its error has a path', async () => {
    gateway().simulator.faults.add({ path: `/api/openstack-snapshots/${uuidOf.snapshot('st-ok')}/`, status: 500 });
    const uuids = [uuidOf.snapshot('rw-target'), uuidOf.snapshot('st-ok')];
    const { data, errors } = await gateway().query(
      'query ($uuids: [UUID!]!) { snapshotsByUuid(uuids: $uuids) { name } }',
      { variables: { uuids } },
    );
    expect(at(data, 'snapshotsByUuid')).toEqual([{ name: 'rw-target' }, null]);
    expect(errors).toMatchObject([{ path: ['snapshotsByUuid', 1], extensions: { code: 'UPSTREAM_ERROR' } }]);
  });

  it('a wrong type in one row affects only that row', async () => {
    const rows = JSON.stringify([
      { uuid: uuidOf.snapshot('st-ok'), name: 5 },
      { uuid: uuidOf.snapshot('rw-target'), name: 'good' },
      'no row',
    ]);
    gateway().simulator.faults.add({
      status: 200,
      headers: { 'content-type': 'application/json', 'x-result-count': '3' },
      body: rows,
    });
    const { data, errors } = await gateway().query(LIST.replace('first: 2', 'first: 3'));
    expect(at(data, 'snapshots', 'nodes')).toEqual([null, { uuid: uuidOf.snapshot('rw-target'), name: 'good' }, null]);
    expect(errors?.map(({ path }) => path)).toEqual([
      ['snapshots', 'nodes', 0, 'name'],
      ['snapshots', 'nodes', 2],
    ]);
  });

  it('an unknown state is an error of that field, not a crash', async () => {
    gateway().simulator.faults.add({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ uuid: uuidOf.snapshot('st-ok'), state: 'Melting' }),
    });
    const { data, errors } = await gateway().query(`{ snapshot(uuid: "${uuidOf.snapshot('st-ok')}") { uuid state } }`);
    expect(data).toEqual({ snapshot: null });
    expect(errors).toMatchObject([{ path: ['snapshot', 'state'], extensions: { code: 'UPSTREAM_ERROR' } }]);
  });

  it('only the uuid of a URL with a foreign host is used', async () => {
    const volume = uuidOf.volume('db-data');
    const row = {
      uuid: uuidOf.snapshot('st-ok'),
      source_volume: `http://203.0.113.1:9/steal/${volume}/`,
      source_volume_name: 'x',
    };
    gateway().simulator.faults.add({
      path: '/api/openstack-snapshots/',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(row),
    });
    const { data } = await gateway().query(
      `{ snapshot(uuid: "${uuidOf.snapshot('st-ok')}") { sourceVolume { uuid size } } }`,
    );
    expect(at(data, 'snapshot', 'sourceVolume')).toEqual({ uuid: volume, size: expect.any(Number) });
  });
});

describe('a decompression bomb', () => {
  // With the usual deadlines: making the bomb takes the embedded Waldur longer than the short ones above.
  const patient = useGateway({ upstreamMaxBodyMib: 4 });

  it('is cut off at the limit', async () => {
    patient().simulator.faults.add({ gzipBombMiB: 64 });
    const { errors } = await patient().query(LIST);
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_ERROR' } }]);
  });
});
