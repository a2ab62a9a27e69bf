import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { dataset, tokenOf, uuidOf } from '../support/gateway.ts';
import { Client, type LiveEvent, operation, type Stream, useLive } from '../support/live.ts';

/**
 * The promises of the live engine that no other file of this folder is about. 2, 5 and 7 stand in failures.test.ts, 4 in
 * resume.test.ts, 8 in readers.test.ts and failures.test.ts. All of them hold in virtual time too: test/live.
 */

const live = useLive();
const { outside } = live;
const DOCUMENT = operation('SnapshotChanges');
const tenant = uuidOf.tenant('genome-tenant');

/** What a client holds that applies events as they come. */
class Table {
  readonly rows = new Map<string, string>();

  apply({ kind, uuid, state }: LiveEvent): void {
    if (kind === 'RESET') this.rows.clear();
    if (uuid == null) return;
    if (kind === 'REMOVED') this.rows.delete(uuid);
    else this.rows.set(uuid, state ?? '');
  }
}

describe('promise 1: convergence', () => {
  it('every subscriber ends with the state of Waldur, whatever happens before', async () => {
    const name = live.name();
    const client = await live.client();
    const streams = [1, 2, 3].map(() => client.subscribe(DOCUMENT, { filter: { name } }));
    await Promise.all(streams.map((stream) => stream.until('BOOKMARK')));
    const truth = new Map<string, string>();
    const states = ['OK', 'UPDATING', 'ERRED', 'DELETING', 'CREATING'] as const;
    const steps = fc.sample(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom('drop', ...states)), {
      numRuns: 150,
      seed: 4,
    });
    const slots = new Map<number, string>();
    for (const [slot, step] of steps) {
      const uuid = slots.get(slot);
      if (uuid === undefined) {
        if (step === 'drop') continue;
        const made = await outside.add('snapshots', { tenant, name, state: step });
        slots.set(slot, made);
        truth.set(made, step);
      } else if (step === 'drop') {
        await outside.drop('snapshots', uuid);
        slots.delete(slot);
        truth.delete(uuid);
      } else {
        await outside.change('snapshots', uuid, { state: step });
        truth.set(uuid, step);
      }
    }
    for (const stream of streams) {
      const table = new Table();
      for (const event of stream.events) table.apply(event);
      let read = stream.events.length;
      await vi.waitFor(
        () => {
          for (const event of stream.events.slice(read)) table.apply(event);
          read = stream.events.length;
          expect([...table.rows].sort()).toEqual([...truth].sort());
        },
        { timeout: 60_000, interval: 10 },
      );
    }
  });

  it('the final state comes within the interval and two fetches', async () => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const stream = (await live.client()).subscribe(DOCUMENT, { filter: { name } });
    await stream.until('BOOKMARK');
    /** Calls that began between the change and its event. */
    const calls: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const state = round % 2 === 0 ? 'UPDATING' : 'OK';
      await outside.change('snapshots', uuid, { state });
      const before = live.running().calls();
      await stream.until((event) => event.state === state);
      calls.push(live.running().calls() - before);
    }
    // The interval itself is proven in virtual time, in test/live/promises.test.ts.
    expect(calls.sort((a, b) => a - b)[10]).toBeLessThanOrEqual(2);
  });
});

describe('promise 3: the current state first, then only later changes, without a gap', () => {
  it('changes while a subscription starts are in its INITIAL events or follow them', async () => {
    const name = live.name();
    const uuids = await Promise.all(Array.from({ length: 30 }, () => outside.add('snapshots', { tenant, name })));
    const client = await live.client();
    const first = client.subscribe(DOCUMENT, { filter: { name } });
    await first.until('BOOKMARK');
    const streams: Stream[] = [];
    for (const uuid of uuids) {
      streams.push(client.subscribe(DOCUMENT, { filter: { name } }));
      await outside.change('snapshots', uuid, { state: 'ERRED' });
    }
    for (const stream of streams) {
      await stream.until('BOOKMARK');
      const initial = stream.events.filter(({ kind }) => kind === 'INITIAL');
      expect(new Set(initial.map(({ uuid }) => uuid))).toEqual(new Set(uuids));
      const after = initial.filter(({ state }) => state === 'OK').length;
      for (let told = 0; told < after; told += 1) {
        expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', previousState: 'OK', state: 'ERRED' });
      }
    }
  });
});

describe('promise 6, case 7: callers share nothing', () => {
  const USERS = ['admin1', 'admin2', 'admin3', 'owner1', 'owner2', 'member3', 'multi', 'stranger'];
  const projectOf = new Map(dataset.snapshots.map(({ uuid, project_uuid }) => [uuid, project_uuid]));

  it('the same document, interleaved on sockets of all callers: each sees the result of its own query, and no event of another', async () => {
    const clients = await Promise.all(USERS.map(async (as) => ({ as, client: await live.client(as) })));
    const rounds = [...clients, ...[...clients].reverse()];
    const streams = rounds.map(({ as, client }) => ({ as, stream: client.subscribe(DOCUMENT, { filter: {} }) }));
    await Promise.all(streams.map(({ stream }) => stream.until('BOOKMARK')));
    const visible = new Map<string, Set<unknown>>();
    for (const as of USERS) {
      const { data } = await live.running().query('{ snapshots(first: 1000) { nodes { uuid } } }', { as });
      const nodes = (data as { snapshots: { nodes: { uuid: string }[] } }).snapshots.nodes;
      visible.set(as, new Set(nodes.map(({ uuid }) => uuid)));
    }
    const changed = ['rw-target', 'prot-01', 'sea a'].map((name) => uuidOf.snapshot(name));
    for (const uuid of changed)
      await outside.change('snapshots', uuid, { state: 'ERRED', error_message: `of ${uuid}` });
    for (const { as, stream } of streams) {
      const mine = visible.get(as) ?? new Set();
      for (const _ of changed.filter((uuid) => mine.has(uuid))) await stream.until('STATE_CHANGED');
    }
    await live.polls(USERS.length * 3);
    for (const { as, stream } of streams) {
      const seen = new Set(stream.events.flatMap(({ uuid }) => (uuid == null ? [] : [uuid])));
      expect([as, seen]).toEqual([as, visible.get(as)]);
    }
    const sizes = new Set([...visible.values()].map(({ size }) => size));
    expect(sizes.size).toBeGreaterThan(3);
    expect(visible.get('stranger')?.size).toBe(0);
    const projects = (as: string) => new Set([...(visible.get(as) ?? [])].map((uuid) => projectOf.get(String(uuid))));
    expect(projects('admin1')).toEqual(new Set([uuidOf.project('Genome browser')]));
    expect(projects('admin3')).toEqual(new Set([uuidOf.project('Forecast')]));
  });

  it('two callers with the same uuid: one follows it, the other gets NOT_FOUND', async () => {
    const volumeUuid = uuidOf.volume('restored-2b');
    const mine = (await live.client('admin1')).subscribe(operation('RestoreProgress'), { volumeUuid });
    const theirs = (await live.client('admin3')).subscribe(operation('RestoreProgress'), { volumeUuid });
    expect(await mine.next()).toMatchObject({ kind: 'INITIAL', state: 'CREATING' });
    expect(await theirs.end()).toEqual({ type: 'error', codes: ['NOT_FOUND'] });
    expect(theirs.events).toEqual([]);
  });

  it('each poll carries the credentials of its own caller', async () => {
    const clients = await Promise.all(['admin1', 'admin3'].map((as) => live.client(as)));
    const streams = clients.map((client) => client.subscribe(DOCUMENT, { filter: { name: live.name() } }));
    await Promise.all(streams.map((stream) => stream.until('BOOKMARK')));
    await live.polls(6);
    const asked = (await live.running().requests()).filter(({ path }) =>
      (new URL(path, 'http://x').searchParams.get('name') ?? '').includes(live.name()),
    );
    // The embedded Waldur shows credentials as fingerprints.
    const fingerprint = (as: string) => createHash('sha256').update(tokenOf(as)).digest('hex').slice(0, 12);
    expect(new Set(asked.map(({ headers }) => headers.authorization))).toEqual(
      new Set(['admin1', 'admin3'].map((as) => `Token sha256:${fingerprint(as)}`)),
    );
  });

  it('case 6: no log line and no event contains a token', async () => {
    const client = await Client.open(live.running().url, tokenOf('admin1'));
    const stream = client.subscribe(DOCUMENT, { filter: { nameExact: 'rw-target' } });
    await stream.until('BOOKMARK');
    live.running().simulator.faults.add({ path: '/api/openstack-snapshots/', status: 500 });
    await stream.until('STALE');
    await fetch(`${live.running().simulator.url}/__sim/tokens/${tokenOf('admin1')}/revoke`, { method: 'POST' });
    live.running().simulator.faults.clear();
    await client.socket.closed;
    const everything = [...live.running().log, JSON.stringify([stream.events, stream.errors, stream.ended])].join('\n');
    expect(everything).not.toContain(tokenOf('admin1'));
  });
});
