import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TokenEntry } from '../../simulator/tokens.ts';
import { type Client, client, type Mistake } from './support/client.ts';

interface Row {
  uuid: string;
  name: string;
  state: string;
  modified: string;
  size: number;
  source_volume_uuid: string | null;
}

const SNAPSHOTS = '/api/openstack-snapshots/';
const VOLUMES = '/api/openstack-volumes/';
const datasetText = readFileSync(new URL('../recordings/dataset.json', import.meta.url), 'utf8');
const UNKNOWN = '0'.repeat(32);

/** A snapshot at rest of the first project, with a source. */
async function someSnapshot({ api }: Client): Promise<Row> {
  const query =
    'state=OK&page_size=300&field=uuid&field=name&field=state&field=modified&field=size&field=source_volume';
  const { body } = await api<(Row & { source_volume: string | null })[]>('GET', `${SNAPSHOTS}?${query}`);
  const found = body.find((row) => row.source_volume !== null);
  if (found === undefined) throw new Error('the world has no snapshot at rest');
  return found;
}

describe('tokens', () => {
  it('lists each role, and only valid tokens', async () => {
    const { sim, api } = await client();
    const { body } = await sim<TokenEntry[]>('GET', '/tokens');
    for (const role of ['staff', 'support', 'owner', 'manager', 'admin', 'member', 'stranger']) {
      expect(
        body.some((entry) => entry.role === role),
        role,
      ).toBe(true);
    }
    for (const { username, token, uuid } of body) {
      expect(token).toMatch(/^[0-9a-f]{40}$/);
      const me = await api('GET', '/api/users/me/?field=username&field=uuid', { as: username });
      expect(me.body).toEqual({ username, uuid });
    }
  });

  it('omits users of a dataset that cannot sign in', async () => {
    const { sim } = await client();
    await sim('POST', '/dataset', datasetText);
    const names = (await sim<TokenEntry[]>('GET', '/tokens')).body.map(({ username }) => username);
    expect(names).toContain('owner1');
    expect(names).not.toContain('inactive');
    expect(names).not.toContain('expired');
    expect(names).not.toContain('notoken');
  });

  it('revokes one until the data is reset', async () => {
    const { sim, api, token } = await client();
    const headers = { authorization: `Token ${token('owner')}` };
    expect((await sim('POST', `/tokens/${token('owner')}/revoke`)).status).toBe(200);
    const answer = await api('GET', `${SNAPSHOTS}?page_size=1`, { headers });
    expect(answer).toMatchObject({ status: 401, body: { detail: 'Invalid token.' } });
    await sim('POST', '/reset');
    expect((await api('GET', `${SNAPSHOTS}?page_size=1`, { headers })).status).toBe(200);
    expect((await sim('POST', `/tokens/${'f'.repeat(40)}/revoke`)).status).toBe(404);
  });
});

describe('counters', () => {
  it('counts by route, and only the API', async () => {
    const it = await client();
    const { uuid } = await someSnapshot(it);
    await it.sim('DELETE', '/stats');
    await it.api('GET', `${SNAPSHOTS}?page_size=1`);
    await it.api('GET', `${SNAPSHOTS}${uuid}/`);
    await it.api('GET', `${SNAPSHOTS}${uuid}/restorations/`);
    await it.api('POST', `${SNAPSHOTS}${UNKNOWN}/restore/`, { body: {} });
    await it.api('GET', '/api/users/me/?field=uuid');
    await fetch(`${it.simulator.url}/api-auth/password/`, { method: 'POST' });
    expect((await it.sim('GET', '/stats')).body).toEqual({
      total: 5,
      inFlight: 0,
      maxInFlight: 1,
      busyMs: expect.any(Number),
      byRoute: {
        'GET /api/openstack-snapshots/': 1,
        'GET /api/openstack-snapshots/{uuid}/': 1,
        'GET /api/openstack-snapshots/{uuid}/restorations/': 1,
        'POST /api/openstack-snapshots/{uuid}/restore/': 1,
        'GET /api/users/me/': 1,
      },
    });
    expect((await it.sim('DELETE', '/stats')).body).toEqual({
      total: 0,
      inFlight: 0,
      maxInFlight: 0,
      busyMs: 0,
      byRoute: {},
    });
  });

  it('lists recent requests without their secrets', async () => {
    const { sim, api, token } = await client();
    for (const page of [1, 2, 3]) {
      await api('GET', `${SNAPSHOTS}?page=${page}&page_size=1&x-auth-token=${token('staff')}`, {
        headers: { 'x-test': 'yes' },
      });
    }
    const { body } = await sim<{ method: string; path: string; headers: Record<string, string>; time: string }[]>(
      'GET',
      '/requests?last=2',
    );
    expect(body.map(({ path }) => /page=(\d)/.exec(path)?.[1])).toEqual(['2', '3']);
    expect(body[0]).toMatchObject({ method: 'GET', headers: { 'x-test': 'yes' } });
    expect(body[0]?.headers.authorization).toMatch(/^Token sha256:[0-9a-f]{12}$/);
    expect(body[0]?.headers.authorization).toBe(body[1]?.headers.authorization);
    expect(JSON.stringify(body)).not.toContain(token('staff'));
    expect(Math.abs(Date.parse(body[0]?.time ?? '') - Date.now())).toBeLessThan(60_000);
    expect((await sim('GET', '/requests?last=x')).status).toBe(400);
  });
});

describe('the data', () => {
  it('is replaced by a dataset, and reset to it', async () => {
    const { sim, api } = await client({ waldur: '2024' });
    expect((await sim('POST', '/dataset', datasetText)).body).toMatchObject({ snapshots: 385, users: 21 });
    const path = `${SNAPSHOTS}?name_exact=rw-target&field=uuid`;
    const [row] = (await api<Row[]>('GET', path)).body;
    await sim('DELETE', `/snapshots/${row?.uuid}`);
    expect((await api('GET', path)).body).toEqual([]);
    await sim('POST', '/reset');
    expect((await api('GET', path)).body).toEqual([row]);
  });

  it('is reset to the generated data, dates and uuids included', async () => {
    const it = await client();
    const before = (await it.api('GET', `${SNAPSHOTS}?page_size=300`)).body;
    await it.sim('PATCH', `/snapshots/${(await someSnapshot(it)).uuid}`, { name: 'other' });
    await it.sim('POST', '/reset');
    expect((await it.api('GET', `${SNAPSHOTS}?page_size=300`)).body).toEqual(before);
  });

  it('is unchanged when a dataset is invalid', async () => {
    const { sim, api } = await client();
    for (const bad of ['{', '[]', '{}', '{"users": 1}']) {
      const answer = await sim<Mistake>('POST', '/dataset', bad);
      expect(answer.status, bad).toBe(400);
      expect(answer.body.error).not.toBe('');
    }
    const dataset = JSON.parse(datasetText);
    dataset.snapshots[3].state = 'Nowhere';
    const answer = await sim<Mistake>('POST', '/dataset', dataset);
    expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining('Nowhere') } });
    expect((await api('HEAD', SNAPSHOTS)).headers.get('x-result-count')).toBe('60');
  });

  it('forgets sign-in failures on reset', async () => {
    const { sim, simulator } = await client();
    const signIn = (password: string) =>
      fetch(`${simulator.url}/api-auth/password/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'owner', password }),
      });
    for (let n = 0; n < 6; n++) expect((await signIn('wrong')).status).toBe(401);
    expect((await signIn('demo-owner')).status).toBe(401);
    await sim('POST', '/reset');
    expect((await signIn('demo-owner')).status).toBe(200);
  });
});

describe('the clock', () => {
  it('moves operations forward when it is advanced', async () => {
    const it = await client();
    const { uuid } = await someSnapshot(it);
    const state = async () => (await it.api<Row>('GET', `${SNAPSHOTS}${uuid}/?field=state`)).body.state;
    await it.api('PATCH', `${SNAPSHOTS}${uuid}/`, { body: { name: 'renamed' } });
    expect(await state()).toBe('UPDATE_SCHEDULED');
    await it.sim('POST', '/clock', { advanceMs: 2_000 });
    expect(await state()).toBe('UPDATING');
    await it.sim('POST', '/clock', { advanceMs: 1_000 });
    expect(await state()).toBe('OK');
  });

  it('is unfrozen and runs at the given scale', async () => {
    const it = await client();
    const { uuid } = await someSnapshot(it);
    await it.api('DELETE', `${SNAPSHOTS}${uuid}/`);
    expect((await it.sim('POST', '/clock', { frozen: false, scale: 500 })).body).toMatchObject({
      frozen: false,
      scale: 500,
    });
    const status = async () => (await it.api('GET', `${SNAPSHOTS}${uuid}/`)).status;
    await expect.poll(status).toBe(404);
  });

  it('lets tokens expire', async () => {
    const { sim, api, simulator } = await client();
    const owner = [...simulator.world.tables.users.values()].find(({ username }) => username === 'owner');
    if (owner === undefined) throw new Error('no owner');
    owner.token_lifetime = 3600;
    await sim('POST', '/clock', { advanceMs: 3_500_000 });
    const headers = { authorization: `Token ${owner.token}` };
    expect((await api('GET', `${SNAPSHOTS}?page_size=1`, { headers })).status).toBe(200);
    await sim('POST', '/clock', { advanceMs: 3_700_000 });
    expect((await api('GET', `${SNAPSHOTS}?page_size=1`, { headers })).status).toBe(401);
    expect(simulator.tokens().map(({ username }) => username)).not.toContain('owner');
  });

  it.each([
    [{ frozen: 'yes' }, 'frozen must be'],
    [{ scale: 0 }, 'scale must be'],
    [{ advanceMs: -1 }, 'advanceMs must be'],
    [{ advanceMs: 1e15 }, 'a year'],
    [{ speed: 2 }, 'unknown key "speed"'],
    [[], 'a JSON object'],
  ])('refuses %j', async (body, message) => {
    const { sim } = await client();
    const answer = await sim<Mistake>('POST', '/clock', body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(message);
  });
});

describe('changes from outside', () => {
  it('changes any field, in either spelling of states, and updates `modified`', async () => {
    const it = await client();
    const row = await someSnapshot(it);
    const changes = {
      state: 'Update Scheduled',
      action: 'Pull',
      runtime_state: 'restoring',
      size: 4096,
      kept_until: '2031-05-06T07:08:09Z',
      metadata: { a: [1] },
      error_message: 'x',
      backend_id: null,
    };
    await it.sim('PATCH', `/snapshots/${row.uuid}`, changes);
    const { body } = await it.api<Row>('GET', `${SNAPSHOTS}${row.uuid}/`);
    expect(body).toMatchObject({ ...changes, state: 'UPDATE_SCHEDULED' });
    expect(body.modified > row.modified).toBe(true);
  });

  it('accepts relations by URL or by uuid', async () => {
    const it = await client();
    const { uuid } = await someSnapshot(it);
    const [volume] = (await it.api<{ uuid: string; url: string; name: string }[]>('GET', `${VOLUMES}?page_size=1`))
      .body;
    const source = async () =>
      (await it.api<{ source_volume_name: string }>('GET', `${SNAPSHOTS}${uuid}/`)).body.source_volume_name;
    await it.sim('PATCH', `/snapshots/${uuid}`, { source_volume: null });
    expect(await source()).toBeUndefined();
    await it.sim('PATCH', `/snapshots/${uuid}`, { source_volume: volume?.url });
    expect(await source()).toBe(volume?.name);
    await it.sim('PATCH', `/snapshots/${uuid}`, { source_volume_uuid: volume?.uuid });
    expect(await source()).toBe(volume?.name);
  });

  it('keeps a given time, even an earlier one', async () => {
    const it = await client();
    const { uuid } = await someSnapshot(it);
    await it.sim('PATCH', `/snapshots/${uuid}`, { modified: '2020-01-01T00:00:00.000001Z' });
    const { body } = await it.api('GET', `${SNAPSHOTS}${uuid}/?field=modified`);
    expect(body).toEqual({ modified: '2020-01-01T00:00:00.000001Z' });
  });

  it('keeps a state that was set, whatever workers and jobs would do', async () => {
    const it = await client();
    const { uuid } = await someSnapshot(it);
    const state = async () => (await it.api<Row>('GET', `${SNAPSHOTS}${uuid}/?field=state`)).body.state;
    const hours = (count: number) => it.sim('POST', '/clock', { advanceMs: count * 3_600_000 });
    for (const given of ['UPDATING', 'CREATING', 'DELETING', 'ERRED', 'OK']) {
      await it.sim('PATCH', `/snapshots/${uuid}`, { state: given });
      await hours(5);
      expect(await state()).toBe(given);
    }
    await it.api('PATCH', `${SNAPSHOTS}${uuid}/`, { body: {} });
    await it.sim('PATCH', `/snapshots/${uuid}`, { state: 'OK' });
    await it.sim('PATCH', `/snapshots/${uuid}`, { name: 'another' });
    await hours(1);
    expect(await state()).toBe('OK');
    await it.sim('PATCH', `/snapshots/${uuid}`, { state: 'ERRED' });
    await it.api('POST', `${SNAPSHOTS}${uuid}/pull/`);
    await hours(1);
    expect(await state(), 'until somebody uses it').toBe('OK');
  });

  it('continues operations when another field is changed', async () => {
    const it = await client();
    const { uuid } = await someSnapshot(it);
    await it.api('PATCH', `${SNAPSHOTS}${uuid}/`, { body: { name: 'by a user' } });
    await it.sim('PATCH', `/snapshots/${uuid}`, { description: 'by somebody else' });
    await it.sim('POST', '/clock', { advanceMs: 10_000 });
    const { body } = await it.api('GET', `${SNAPSHOTS}${uuid}/?field=name&field=state&field=description`);
    expect(body).toEqual({ name: 'by a user', state: 'OK', description: 'by somebody else' });
  });

  it('deletes an object with its dependents', async () => {
    const it = await client();
    const row = await someSnapshot(it);
    await it.sim('DELETE', `/snapshots/${row.uuid.toUpperCase()}`);
    expect((await it.api('GET', `${SNAPSHOTS}${row.uuid}/`)).status).toBe(404);
    expect((await it.sim('DELETE', `/snapshots/${row.uuid}`)).status).toBe(404);
    const other = await someSnapshot(it);
    const source = it.simulator.world.tables.snapshots.get(other.uuid)?.source_volume_uuid;
    await it.sim('DELETE', `/volumes/${source}`);
    expect((await it.api('GET', `${VOLUMES}${source}/`)).status).toBe(404);
    expect((await it.api('GET', `${SNAPSHOTS}${other.uuid}/`)).status).toBe(404);
  });

  it('adds a snapshot, by default like an existing one', async () => {
    const it = await client();
    const made = await it.sim<Row>('POST', '/snapshots', { name: 'from outside' });
    expect(made.status).toBe(201);
    const { body } = await it.api('GET', `${SNAPSHOTS}${made.body.uuid}/`);
    expect(body).toMatchObject({ name: 'from outside', state: 'OK', runtime_state: 'available', metadata: {} });
    expect(body).toMatchObject({ source_volume_name: expect.any(String), backend_id: expect.any(String) });
    expect((await it.sim<Row>('POST', '/snapshots')).body.name).toMatch(/^made-outside-\d+$/);
  });

  it('takes project and tenant of a new snapshot from its source volume', async () => {
    const it = await client();
    const [volume] = (await it.api<(Row & { project_uuid: string })[]>('GET', `${VOLUMES}?name=uploads&page_size=1`))
      .body;
    const made = await it.sim<Row>('POST', '/snapshots', { source_volume_uuid: volume?.uuid });
    expect(made.body).toMatchObject({ project_uuid: volume?.project_uuid, size: volume?.size });
    const { body } = await it.api<Row[]>('GET', `${SNAPSHOTS}?source_volume_uuid=${volume?.uuid}&page_size=300`);
    expect(body.map(({ uuid }) => uuid)).toContain(made.body.uuid);
  });

  it('adds a restored volume, its record included', async () => {
    const it = await client();
    const { uuid } = await someSnapshot(it);
    const made = await it.sim<Row>('POST', '/volumes', {
      source_snapshot: `${it.simulator.url}${SNAPSHOTS}${uuid}/`,
      state: 'CREATING',
    });
    const { body } = await it.api<{ volume: string; volume_state: string }[]>(
      'GET',
      `${SNAPSHOTS}${uuid}/restorations/`,
    );
    expect(body.find(({ volume }) => volume.includes(made.body.uuid))?.volume_state).toBe('CREATING');
    await it.sim('POST', '/clock', { advanceMs: 5 * 3_600_000 });
    expect((await it.api<Row>('GET', `${VOLUMES}${made.body.uuid}/?field=state`)).body.state).toBe('CREATING');
  });

  it('restores an object under its uuid', async () => {
    const it = await client();
    const { uuid } = await someSnapshot(it);
    expect((await it.sim('POST', '/snapshots', { uuid })).status).toBe(409);
    await it.sim('DELETE', `/snapshots/${uuid}`);
    await it.sim('POST', '/snapshots', { uuid, state: 'Update Scheduled' });
    expect((await it.api('GET', `${SNAPSHOTS}${uuid}/?field=state`)).body).toEqual({ state: 'UPDATE_SCHEDULED' });
  });

  it.each([
    [{ colour: 'red' }, '"colour" is not a writable field of a snapshot'],
    [{ source_volume_name: 'x' }, '"source_volume_name" is not a writable field'],
    [{ __proto__: null, constructor: 'x' }, '"constructor" is not a writable field'],
    [{ state: 'LOST' }, 'state must be a state'],
    [{ size: 1.5 }, 'size must be an integer'],
    [{ name: null }, 'name must be a string'],
    [{ kept_until: 'soon' }, 'kept_until must be an ISO 8601 time'],
    [{ source_volume: 'nowhere' }, 'source_volume must be a URL or a uuid'],
    [{ tenant_uuid: UNKNOWN }, 'there is none with uuid'],
    [{ action_details: [] }, 'action_details must be an object'],
  ])('refuses %j', async (body, message) => {
    const it = await client();
    const before = it.simulator.world.tables.snapshots.size;
    const { uuid } = await someSnapshot(it);
    for (const [method, path] of [
      ['PATCH', `/snapshots/${uuid}`],
      ['POST', '/snapshots'],
    ] as const) {
      const answer = await it.sim<Mistake>(method, path, body);
      expect(answer.status).toBe(400);
      expect(answer.body.error).toContain(message);
    }
    expect(it.simulator.world.tables.snapshots.size).toBe(before);
  });
});

describe('the simulated cloud', () => {
  it('refuses the configured operations', async () => {
    const it = await client();
    const { uuid } = await someSnapshot(it);
    await it.sim('POST', '/cloud/failures', {
      operation: 'update_snapshot',
      uuid,
      times: 1,
      status: 409,
      message: "it's busy",
    });
    const rename = async (name: string) => {
      await it.api('PATCH', `${SNAPSHOTS}${uuid}/`, { body: { name } });
      await it.sim('POST', '/clock', { advanceMs: 5_000 });
      return (await it.api('GET', `${SNAPSHOTS}${uuid}/?field=state&field=error_message`)).body;
    };
    expect(await rename('one')).toEqual({ state: 'ERRED', error_message: 'ClientException(409, "it\'s busy")' });
    await it.sim('POST', '/cloud/failures', { operation: 'pull_snapshot' });
    await it.sim('DELETE', '/cloud/failures');
    await it.api('POST', `${SNAPSHOTS}${uuid}/pull/`);
    await it.sim('POST', '/clock', { advanceMs: 5_000 });
    expect(await rename('two')).toEqual({ state: 'OK', error_message: '' });
  });

  it.each([
    [{}, 'operation must be one of'],
    [{ operation: 'pull_snapshot', message: 1 }, 'message'],
    [{ operation: 'pull_snapshot', status: 'x' }, 'status'],
    [{ operation: 'pull_snapshot', uuid: 1 }, 'uuid'],
    [{ operation: 'pull_snapshot', times: 0 }, 'times'],
  ])('refuses the dataset %j', async (body, message) => {
    const { sim } = await client();
    const answer = await sim<Mistake>('POST', '/cloud/failures', body);
    expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining(message) } });
  });
});

describe('control requests', () => {
  it('are listed', async () => {
    const { sim } = await client();
    const { body } = await sim<{ path: string }[]>('GET', '');
    expect(body.map(({ path }) => path)).toContain('/__sim/faults');
    expect((await sim('GET', '/')).status).toBe(200);
  });

  it.each([
    ['GET', '/nothing', 404],
    ['GET', 'x', 404],
    ['PUT', '/stats', 405],
    ['PATCH', '/snapshots/..%2f', 404],
    ['PATCH', '/snapshots/%zz', 400],
    ['PATCH', `/snapshots/${UNKNOWN}`, 404],
    ['DELETE', '/volumes/nope', 404],
  ])('%s %s: %i', async (method, path, status) => {
    const { sim } = await client();
    const answer = await sim<Mistake>(method, path);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toEqual(expect.any(String));
  });
});
