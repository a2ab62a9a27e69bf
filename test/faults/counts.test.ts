import { describe, expect, it, vi } from 'vitest';
import { at, dataset, type JsonValue, tokenOf } from '../support/gateway.ts';
import { type LiveEvent, operation, useLive } from '../support/live.ts';

/** An upstream whose X-Result-Count is missing, nonsense or wrong. */

/** More than one REST page. */
const ROWS = 310;
const NAME = 'counted';
const like = dataset.snapshots.find(({ name }) => name === 'rw-target');
const counted = Array.from({ length: ROWS }, (_, i) => ({
  ...like,
  name: NAME,
  uuid: `c0${i.toString(16).padStart(30, '0')}`,
}));
const uuids: readonly string[] = counted.map(({ uuid }) => uuid);
const variables = { name: NAME };
const world = { ...dataset, snapshots: [...dataset.snapshots, ...counted] };

const live = useLive({}, { simulator: { dataset: world } });
const { outside } = live;
const SNAPSHOTS = '/api/openstack-snapshots/';
const WRONG = [
  ['missing', ''],
  ['negative', '-1'],
  ['fractional', '12.5'],
  ['no number', 'many'],
  ['10^14', '100000000000000'],
  ['above 2^31', '2147483648'],
  ['smaller than the rows', '7'],
  ['zero', '0'],
  ['larger than the rows', '1000000'],
] as const;

const lie = (count: string): void =>
  live.running().simulator.faults.add({ path: `${SNAPSHOTS}?`, headers: { 'x-result-count': count } });
const sorted = (given: readonly unknown[]) => given.map(String).sort();
const uuidsIn = (nodes: JsonValue | undefined) => (Array.isArray(nodes) ? nodes.map((node) => at(node, 'uuid')) : []);

describe('case 52: a wrong X-Result-Count causes no flood of requests, no false empty list and no client error', () => {
  it.each(WRONG)('%s: all rows are returned, in a limited number of calls', async (_name, count) => {
    lie(count);
    const query = 'query ($name: String) { snapshots(first: 1000, filter: { name: $name }) { nodes { uuid } } }';
    const { data, errors } = await live.running().query(query, { variables });
    expect(errors).toBeUndefined();
    expect(sorted(uuidsIn(at(data, 'snapshots', 'nodes')))).toEqual(sorted(uuids));
    expect(live.running().calls()).toBeLessThanOrEqual(5);
  });

  it.each(WRONG.filter(([kind]) => kind !== 'larger than the rows'))(
    '%s: an impossible total is UPSTREAM_ERROR, the rows are returned',
    async (_name, count) => {
      lie(count);
      const query =
        'query ($name: String) { snapshots(first: 10, filter: { name: $name }) { totalCount nodes { uuid } } }';
      const { status, errors } = await live.running().query(query, { variables });
      expect(status).toBe(200);
      expect(errors).toMatchObject([{ path: ['snapshots', 'totalCount'], extensions: { code: 'UPSTREAM_ERROR' } }]);
      const rows = await live
        .running()
        .query(
          'query ($name: String) { snapshots(first: 10, filter: { name: $name }) { nodes { uuid } pageInfo { hasNextPage } } }',
          {
            variables,
          },
        );
      expect(uuidsIn(at(rows.data, 'snapshots', 'nodes'))).toHaveLength(10);
      expect(at(rows.data, 'snapshots', 'pageInfo', 'hasNextPage')).toBe(true);
      // A count alone has one row to compare with.
      if (count === '7') return;
      const counted = await live
        .running()
        .query('query ($name: String) { snapshots(filter: { name: $name }) { totalCount } }', { variables });
      expect(counted.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_ERROR' } }]);
    },
  );

  it.each(WRONG)('%s: lists within a list', async (_name, count) => {
    const query =
      '{ volumes(first: 20) { nodes { uuid snapshots(first: 2, orderBy: [{ field: CREATED, direction: ASC }]) { nodes { uuid } } } } }';
    const { data: truth } = await live.running().query(query);
    live.running().simulator.resetStats();
    lie(count);
    const { data, errors } = await live.running().query(query);
    // An empty list that is said to have rows is no empty list.
    for (const { extensions } of errors ?? []) expect(extensions.code).toBe('UPSTREAM_ERROR');
    const listsIn = (answer: JsonValue | undefined) => {
      const nodes = at(answer, 'volumes', 'nodes');
      return (Array.isArray(nodes) ? nodes : []).map((node) => uuidsIn(at(node, 'snapshots', 'nodes')));
    };
    expect(listsIn(truth).flat().length).toBeGreaterThan(0);
    expect(listsIn(data)).toEqual(listsIn(truth));
    expect(live.running().calls()).toBeLessThanOrEqual(45);
  });

  const plausible = ([, count]: (typeof WRONG)[number]): boolean => Number(count) > 0 && Number(count) < 2 ** 31;
  it.each(WRONG.filter(plausible))('%s: a stream never treats it as an empty list', async (_name, count) => {
    lie(count);
    const client = await live.client('staff');
    const stream = client.subscribe(operation('SnapshotChanges'), { filter: variables });
    const { kind } = await stream.next();
    expect(['RESET', 'STALE']).toContain(kind);
    if (kind === 'RESET') expect((await stream.next()).kind).toBe('INITIAL');
  });

  it.each(WRONG.filter((wrong) => !plausible(wrong)))(
    '%s: a stream has the whole list and sends no REMOVED',
    async (_name, count) => {
      lie(count);
      const client = await live.client('staff');
      const stream = client.subscribe(operation('SnapshotChanges'), { filter: variables });
      const opening = await stream.until('BOOKMARK');
      const initial = opening.filter(({ kind }: LiveEvent) => kind === 'INITIAL').map(({ uuid }) => uuid);
      expect(sorted(initial)).toEqual(sorted(uuids));
      // Two more walks through the whole list.
      await live.polls(6);
      const [gone = ''] = uuids;
      await outside.drop('snapshots', gone);
      const rest = await stream.until('REMOVED');
      expect(rest.filter(({ kind }) => kind === 'REMOVED').map(({ uuid }) => uuid)).toEqual([gone]);
    },
  );

  it('paging stops when its client leaves', async () => {
    live.running().simulator.faults.add({
      path: `${SNAPSHOTS}?`,
      headers: { 'x-result-count': '100000000000000' },
      latencyMs: 100,
    });
    const leaving = new AbortController();
    const asking = fetch(`${live.running().url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Token ${tokenOf('staff')}` },
      body: JSON.stringify({
        query: `{ snapshots(first: 1000, filter: { name: ${JSON.stringify(NAME)} }) { nodes { uuid } } }`,
      }),
      signal: leaving.signal,
    });
    await vi.waitFor(() => expect(live.running().calls()).toBe(1), { interval: 5 });
    leaving.abort();
    await expect(asking).rejects.toThrow();
    await vi.waitFor(() => expect(live.running().simulator.stats().inFlight).toBe(0), { interval: 5 });
    expect(live.running().calls()).toBe(1);
  });
});
