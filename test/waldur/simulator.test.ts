import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Dataset } from '../../simulator/model.ts';
import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { STATES } from '../../src/domain/states.ts';
import type { UpstreamCaller } from '../../src/waldur/types.ts';
import { clientOf, failure, type TestClient } from './support/upstreams.ts';

/** Every method against the embedded Waldur of both generations, in the recorded world. */

const DATASET: Dataset = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../recordings/dataset.json'), 'utf8'),
);

const named = (table: 'snapshots' | 'volumes', name: string): string =>
  String(DATASET[table].find((row) => row.name === name)?.uuid);

interface World {
  simulator: Simulator;
  client: TestClient;
  as: (username: string) => UpstreamCaller;
}

async function world(waldur: '2024' | '2026'): Promise<World> {
  const simulator = await startSimulator({ dataset: DATASET, frozen: true, waldur });
  onTestFinished(() => simulator.close());
  const tokens = new Map(simulator.tokens().map(({ username, token }) => [username, token]));
  const as = (username: string): UpstreamCaller => ({
    key: username,
    headers: { authorization: `Token ${tokens.get(username)}` },
  });
  return { simulator, client: clientOf(simulator.url), as };
}

const OK = named('snapshots', 'st-ok');
const ERRED = named('snapshots', 'st-erred');
const RESTORED = named('snapshots', 'with-three-restorations');
const PROJECT = String(DATASET.projects.find(({ name }) => name === 'Genome browser')?.uuid);

describe.each(['2024', '2026'] as const)('Waldur of %s', (generation) => {
  it('lists pages that make up the whole list, and detects its end', async () => {
    const { client, as } = await world(generation);
    const all = new Set<string | undefined>();
    const list = (page: number) =>
      client.listSnapshots(as('member1'), {
        filter: { projectUuid: PROJECT },
        order: [{ field: 'CREATED', direction: 'DESC' }],
        page,
        pageSize: 100,
        fields: ['uuid', 'state'],
      });
    const totals: (number | undefined)[] = [];
    for (let page = 1; page <= 5; page++) {
      const { rows, total } = await list(page);
      totals.push(total);
      for (const row of rows) if (!(row instanceof Error)) all.add(row.uuid);
    }
    expect(all.size).toBe(356);
    expect(totals).toEqual([356, 356, 356, 356, undefined]);
    expect(await client.countSnapshots(as('member1'), { projectUuid: PROJECT })).toBe(356);
  });

  it('filters by states in the spelling of the version, and returns them in one spelling', async () => {
    const { client, as, simulator } = await world(generation);
    const counts = await Promise.all(
      STATES.map((state) => client.countSnapshots(as('staff'), { state: [state], projectUuid: PROJECT })),
    );
    expect(counts.reduce((sum, count) => sum + count)).toBe(356);
    expect(counts.every((count) => count > 0)).toBe(true);
    simulator.resetStats();
    const { rows } = await client.listSnapshots(as('staff'), {
      filter: { state: ['CREATING', 'UPDATE_SCHEDULED'] },
      page: 1,
      pageSize: 300,
      fields: ['state', 'service_settings_state'],
    });
    // What was learnt is remembered: one call.
    expect(simulator.stats().total).toBe(1);
    const states = rows.map((row) => (row instanceof Error ? undefined : row.state));
    expect(new Set(states)).toEqual(new Set(['CREATING', 'UPDATE_SCHEDULED']));
  });

  it('answers a filter by uuid, alone and with others', async () => {
    const { client, as } = await world(generation);
    const count = (filter: Parameters<TestClient['countSnapshots']>[1]) => client.countSnapshots(as('staff'), filter);
    expect(await count({ uuid: OK })).toBe(1);
    expect(await count({ uuid: OK, state: ['OK'] })).toBe(1);
    expect(await count({ uuid: OK, state: ['DELETING'] })).toBe(0);
  });

  it('returns single objects, and null for missing ones', async () => {
    const { client, as } = await world(generation);
    expect(await client.getSnapshot(as('member1'), OK, { fields: ['name', 'state'] })).toEqual({
      name: 'st-ok',
      state: 'OK',
    });
    expect(await client.getSnapshot(as('stranger'), OK)).toBeNull();
    const volume = named('volumes', 'db-data');
    expect(await client.getVolume(as('member1'), volume, { fields: ['name'] })).toEqual({ name: 'db-data' });
    expect(await client.getVolume(as('member1'), OK)).toBeNull();
    expect(await client.getRestorations(as('stranger'), RESTORED)).toBeNull();
    const restorations = await client.getRestorations(as('member1'), RESTORED);
    expect(restorations).toHaveLength(3);
    const { rows } = await client.listVolumes(as('member1'), {
      filter: { snapshotUuid: RESTORED },
      page: 1,
      pageSize: 300,
      fields: ['url'],
    });
    const volumes = (restorations ?? []).map((row) => (row instanceof Error ? undefined : row.volume));
    expect(rows.map((row) => (row instanceof Error ? undefined : row.url)).sort()).toEqual(volumes.sort());
    expect(await client.countVolumes(as('stranger'), undefined)).toBe(0);
  });

  it('returns the caller, without the token', async () => {
    const { client, as } = await world(generation);
    expect(await client.me(as('staff'))).toMatchObject({ username: 'staff', is_staff: true });
    const member = await client.me(as('member1'));
    expect(member).toMatchObject({ username: 'member1', permissions: [{ role_name: 'PROJECT.MEMBER' }] });
    expect(member).not.toHaveProperty('token');
    expect(await failure(client.me({ key: 'nobody', headers: {} }))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('writes, and returns the result', async () => {
    const { client, as } = await world(generation);
    const admin = as('admin1');
    const volume = await client.restoreSnapshot(admin, OK, { name: 'restored' });
    expect(volume).toMatchObject({ name: 'restored', state: 'CREATION_SCHEDULED' });
    const made = await client.createSnapshot(admin, named('volumes', 'db-data'), { name: 'made' });
    expect(made).toMatchObject({ name: 'made', state: 'CREATION_SCHEDULED' });
    const changed = await client.updateSnapshot(admin, OK, { description: 'd' });
    expect(changed).toMatchObject({ name: 'st-ok', description: 'd', state: 'UPDATE_SCHEDULED' });
    await client.deleteSnapshot(admin, ERRED);
    expect(await client.getSnapshot(admin, ERRED, { fields: ['state'] })).toEqual({ state: 'DELETION_SCHEDULED' });
    await client.unlinkSnapshot(as('staff'), ERRED);
    expect(await client.getSnapshot(admin, ERRED)).toBeNull();
  });

  it('replaces and pulls', async () => {
    const { client, as } = await world(generation);
    const replaced = await client.replaceSnapshot(as('owner1'), OK, {
      name: 'new',
      description: '',
      metadata: {},
      kept_until: null,
    });
    expect(replaced).toMatchObject({ name: 'new', metadata: {}, state: 'UPDATE_SCHEDULED' });
    await client.pullSnapshot(as('manager1'), ERRED);
    expect(await client.getSnapshot(as('manager1'), ERRED, { fields: ['state', 'action'] })).toEqual({
      state: 'UPDATE_SCHEDULED',
      action: 'Pull',
    });
  });

  it('refuses, each time in the documented shape', async () => {
    const { client, as } = await world(generation);
    const noBackend = named('snapshots', 'st-ok-nobackend');
    const refusal = async (call: Promise<unknown>) => {
      const { kind, status, body } = await failure(call);
      return [kind, status, body?.shape];
    };
    expect(await refusal(client.pullSnapshot(as('admin1'), noBackend))).toEqual(['rejected', 400, 'messages']);
    expect(await refusal(client.restoreSnapshot(as('admin1'), ERRED, { name: 'x' }))).toEqual([
      'rejected',
      409,
      'detail',
    ]);
    expect(await refusal(client.updateSnapshot(as('admin1'), OK, { name: '' }))).toEqual(['rejected', 400, 'fields']);
    expect(await refusal(client.deleteSnapshot(as('member1'), OK))).toEqual(['forbidden', 403, 'detail']);
    expect(await refusal(client.deleteSnapshot(as('stranger'), OK))).toEqual(['not-found', 404, 'detail']);
    expect(await refusal(client.unlinkSnapshot(as('admin1'), OK))).toEqual(['forbidden', 403, 'detail']);
    const long = 'x'.repeat(5_000);
    expect(await refusal(client.restoreSnapshot(as('admin1'), OK, { name: 'x', description: long }))).toEqual([
      'malformed',
      500,
      undefined,
    ]);
  });

  it('lets staff set states where the version supports it', async () => {
    const { client, as } = await world(generation);
    const set = client.setSnapshotErred(as('staff'), OK, { error_message: 'why' });
    if (generation === '2024') {
      // No route is no missing object.
      expect(await failure(set)).toMatchObject({ kind: 'malformed', status: 404 });
      return;
    }
    await set;
    const fields = ['state', 'error_message'] as const;
    expect(await client.getSnapshot(as('staff'), OK, { fields })).toEqual({ state: 'ERRED', error_message: 'why' });
    await client.setSnapshotOk(as('staff'), OK);
    expect(await client.getSnapshot(as('staff'), OK, { fields })).toEqual({ state: 'OK', error_message: '' });
    expect(await failure(client.setSnapshotOk(as('admin1'), OK))).toMatchObject({ kind: 'forbidden' });
  });
});

describe('with faults of the embedded Waldur', () => {
  it.each([
    ['reset', { reset: true }, 'UPSTREAM_UNAVAILABLE', 'UPSTREAM_OUTCOME_UNKNOWN'],
    ['truncated', { truncateAt: 5 }, 'UPSTREAM_ERROR', 'UPSTREAM_OUTCOME_UNKNOWN'],
    ['stalled', { stallAfter: 5 }, 'UPSTREAM_TIMEOUT', 'UPSTREAM_OUTCOME_UNKNOWN'],
    ['a bomb', { gzipBombMiB: 64 }, 'UPSTREAM_ERROR', 'UPSTREAM_ERROR'],
    ['down', { status: 503 }, 'UPSTREAM_UNAVAILABLE', 'UPSTREAM_UNAVAILABLE'],
    ['a page', { status: 200, body: '<html>' }, 'UPSTREAM_ERROR', 'UPSTREAM_ERROR'],
  ])('%s', async (_, fault, read, write) => {
    const { simulator, as } = await world('2026');
    const client = clientOf(simulator.url, { attemptTimeoutMs: 500, maxBodyBytes: 1_048_576 });
    simulator.faults.add(fault);
    expect(await failure(client.getSnapshot(as('admin1'), OK))).toMatchObject({ code: read });
    simulator.resetStats();
    expect(await failure(client.deleteSnapshot(as('admin1'), OK))).toMatchObject({ code: write });
    expect(simulator.stats().total).toBe(1);
  });

  it('probe: Waldur is reachable, without credentials of any caller', async () => {
    const { client } = await world('2026');
    expect(await client.probe()).toBe(true);
  });
});
