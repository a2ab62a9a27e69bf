import { describe, expect, it, vi } from 'vitest';
import { at, tokenOf, uuidOf } from '../support/gateway.ts';
import { Client, operation, useLive } from '../support/live.ts';

/** What subscribers are told when Waldur refuses, fails or is slow. */

const live = useLive();
const { outside } = live;
const DOCUMENT = operation('SnapshotChanges');
const tenant = uuidOf.tenant('genome-tenant');
const SNAPSHOTS = '/api/openstack-snapshots/';

async function watching(as = 'admin1') {
  const name = live.name();
  const uuid = await outside.add('snapshots', { tenant, name });
  const client = await live.client(as);
  const stream = client.subscribe(DOCUMENT, { filter: { name } });
  await stream.until('BOOKMARK');
  return { name, uuid, client, stream, faults: live.running().simulator.faults };
}

const revoke = async (username: string) => {
  await fetch(`${live.running().simulator.url}/__sim/tokens/${tokenOf(username)}/revoke`, { method: 'POST' });
};

describe('case 36, promise 7: the token is revoked', () => {
  it('every stream ends with UNAUTHENTICATED, the socket closes with 4403; others continue', async () => {
    const { client, stream, uuid } = await watching();
    const single = client.subscribe(operation('OneSnapshot'), { uuid });
    await single.until('BOOKMARK');
    const colleague = (await live.client('manager1')).subscribe(DOCUMENT, { filter: { uuid } });
    await colleague.until('BOOKMARK');
    await revoke('admin1');
    const ends = await Promise.race([stream.end(), single.end()]);
    expect(ends).toEqual({ type: 'error', codes: ['UNAUTHENTICATED'] });
    expect((await client.socket.closed).code).toBe(4403);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    expect(await colleague.next()).toMatchObject({ kind: 'STATE_CHANGED', state: 'ERRED' });
  });

  it('nothing cached is served to the revoked token', async () => {
    const { client, name, stream } = await watching();
    const { cursor } = stream;
    await revoke('admin1');
    await client.socket.closed;
    const again = await Client.open(live.running().url, tokenOf('admin1'));
    const refused = again.subscribe(DOCUMENT, { filter: { name }, after: cursor });
    expect(await refused.end()).toEqual({ type: 'error', codes: ['UNAUTHENTICATED'] });
    expect(refused.events).toEqual([]);
    expect((await again.socket.closed).code).toBe(4403);
  });

  it('without credentials a subscription is UNAUTHENTICATED and the socket stays open', async () => {
    const client = await live.client();
    const nobody = await Client.open(live.running().url, '');
    const stream = nobody.subscribe(DOCUMENT, {});
    await stream.end();
    expect([...stream.errors.map((error) => at(error, 'extensions', 'code')), stream.ended]).toContainEqual(
      'UNAUTHENTICATED',
    );
    expect(nobody.socket.open).toBe(true);
    nobody.socket.close();
    client.socket.close();
  });
});

describe('403 on the scope', () => {
  it('REMOVED for all objects; when Waldur permits access again, ADDED and the changes', async () => {
    const { stream, uuid, faults } = await watching();
    faults.add({ path: SNAPSHOTS, status: 403, body: '{"detail":"no"}' });
    expect(await stream.next()).toMatchObject({ kind: 'REMOVED', uuid, state: null });
    faults.clear();
    expect(await stream.next()).toMatchObject({ kind: 'ADDED', uuid, state: 'OK' });
  });

  it('at the start: FORBIDDEN for that id, the socket stays open', async () => {
    const client = await live.client();
    live.running().simulator.faults.add({ path: SNAPSHOTS, status: 403, body: '{"detail":"no"}' });
    const stream = client.subscribe(DOCUMENT, { filter: { name: live.name() } });
    expect(await stream.end()).toEqual({ type: 'error', codes: ['FORBIDDEN'] });
    const volumes = client.subscribe(operation('VolumeChanges'), { filter: { name: live.name() } });
    await volumes.until('BOOKMARK');
  });
});

describe('Waldur fails: STALE after two polls, then the differences and a BOOKMARK on recovery', () => {
  it.each([
    ['500', { status: 500, body: '<html>Traceback</html>' }],
    ['503', { status: 503 }],
    ['a reset', { reset: true }],
    ['HTML with status 200', { status: 200, body: '<html></html>' }],
    ['a truncated body', { truncateAt: 10 }],
  ])('%s', async (_name, fault) => {
    const { stream, uuid, faults } = await watching();
    faults.add({ path: SNAPSHOTS, ...fault });
    expect(await stream.next()).toMatchObject({
      kind: 'STALE',
      uuid: null,
      state: null,
      previousState: null,
      cursor: null,
      snapshot: null,
    });
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    await live.polls(2);
    faults.clear();
    const events = await stream.until('BOOKMARK');
    expect(events.map(({ kind, state }) => [kind, state])).toEqual([
      ['STATE_CHANGED', 'ERRED'],
      ['BOOKMARK', null],
    ]);
    expect(JSON.stringify([stream.events, stream.errors])).not.toContain('Traceback');
  });

  it('one failed poll causes no event', async () => {
    const { stream, uuid, faults } = await watching();
    faults.add({ path: SNAPSHOTS, status: 500, times: 1 });
    await live.polls(3);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', state: 'ERRED' });
  });

  it('a subscriber that starts during an outage gets STALE, and all objects when Waldur is back', async () => {
    const { client, name, uuid, stream, faults } = await watching();
    faults.add({ path: SNAPSHOTS, status: 503 });
    await stream.until('STALE');
    const late = client.subscribe(DOCUMENT, { filter: { name, state: ['OK'] } });
    await late.until('STALE');
    faults.clear();
    await stream.until('BOOKMARK');
    await late.until('BOOKMARK');
    expect(late.events).toMatchObject([
      { kind: 'RESET' },
      { kind: 'INITIAL', uuid },
      { kind: 'BOOKMARK' },
      { kind: 'STALE' },
      { kind: 'BOOKMARK' },
    ]);
  });

  it('429: no call before Retry-After has passed, then polling continues', async () => {
    const { stream, uuid, faults } = await watching();
    faults.add({ path: SNAPSHOTS, status: 429, headers: { 'retry-after': '1' }, times: 1 });
    await vi.waitFor(() => expect(faults.list()).toEqual([]), { timeout: 5_000, interval: 2 });
    const from = performance.now();
    await live.polls(1);
    expect(performance.now() - from).toBeGreaterThan(900);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    await stream.until((event) => event.state === 'ERRED');
  });
});

describe('promise 5, case 30: no REMOVED without confirmation', () => {
  it.each([
    [
      'an empty list',
      { status: 200, body: '[]', headers: { 'x-result-count': '0', 'content-type': 'application/json' } },
    ],
    ['a 404 for the page', { status: 404, body: '{"detail":"Invalid page."}' }],
  ])('%s, once', async (_name, fault) => {
    const { stream, uuid, faults } = await watching();
    faults.add({ path: `${SNAPSHOTS}?`, ...fault, times: 1 });
    await vi.waitFor(() => expect(faults.list()).toEqual([]), { timeout: 5_000, interval: 2 });
    await live.polls(3);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', uuid, state: 'ERRED' });
  });
});

describe('promise 2, case 31: no object returns to an older state', () => {
  it('a late poll response does not override what the caller wrote meanwhile', async () => {
    const { stream, uuid, faults } = await watching();
    faults.add({ method: 'GET', path: `${SNAPSHOTS}?`, latencyMs: 300, times: 1 });
    await vi.waitFor(() => expect(faults.list()).toEqual([]), { timeout: 5_000, interval: 2 });
    const { errors } = await live
      .running()
      .query(
        'mutation ($uuid: UUID!) { updateSnapshot(input: { uuid: $uuid, description: "new" }) { userErrors { code } } }',
        {
          variables: { uuid },
          as: 'admin1',
        },
      );
    expect(errors).toBeUndefined();
    await live.polls(4);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    const states = (await stream.until((event) => event.state === 'ERRED')).map(({ state }) => state);
    expect(states).toEqual(['UPDATE_SCHEDULED', 'ERRED']);
  });

  it('when `modified` goes backwards, the last state is used', async () => {
    const { stream, uuid } = await watching();
    await outside.change('snapshots', uuid, { state: 'UPDATING', modified: '2020-01-01T00:00:00Z' });
    await stream.until((event) => event.state === 'UPDATING');
    await outside.change('snapshots', uuid, { state: 'OK', modified: '2019-01-01T00:00:00Z' });
    await stream.until((event) => event.state === 'OK');
    expect(stream.events.at(-1)).toMatchObject({ uuid, state: 'OK', previousState: 'UPDATING' });
  });
});

describe('case 27: one nested fetch fails', () => {
  it('the event has partial data, and an error with a path', async () => {
    const query = `subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) {
      kind snapshot { state sourceVolume { name size } } } }`;
    const { name, uuid, client, faults } = await watching();
    const stream = client.subscribe({ query }, { filter: { name, uuid } });
    await stream.until('BOOKMARK');
    faults.add({ path: '/api/openstack-volumes/', status: 500 });
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    await stream.until('STATE_CHANGED');
    expect(stream.events.at(-1)?.snapshot).toMatchObject({ state: 'ERRED' });
    expect(stream.errors).toMatchObject([
      { path: ['snapshotChanges', 'snapshot', 'sourceVolume'], extensions: { code: 'UPSTREAM_ERROR' } },
    ]);
    faults.clear();
    await outside.change('snapshots', uuid, { state: 'OK' });
    await stream.until('STATE_CHANGED');
    expect(at(stream.events.at(-1)?.snapshot, 'sourceVolume', 'size')).toEqual(expect.any(Number));
    expect(stream.errors).toHaveLength(1);
  });
});
