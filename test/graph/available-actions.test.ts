import { beforeAll, describe, expect, it } from 'vitest';
import { ask, TRANSPORTS } from '../faults/support/transports.ts';
import { at, dataset, type JsonValue, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';

/** `availableActions` against what the mutations do: roles, states and quotas. */

/** Users of the recorded world who can send requests. */
const UNUSABLE = new Set(['inactive', 'expired', 'notoken', 'locked']);
const USERS = dataset.users.map(({ username }) => String(username)).filter((name) => !UNUSABLE.has(name));

/** The recorded world with callers whose roles differ from project to project. */
const recorded = (name: string) => {
  const user = dataset.users.find(({ username }) => username === name);
  if (user === undefined) throw new Error(`no user ${name}`);
  return user;
};
const roleOf = (name: string) => Object(Object(recorded(name)).roles)[0];
const MIXED: Readonly<Record<string, { roles: object[]; is_support?: boolean }>> = {
  'member here, admin there': { roles: [roleOf('member1'), roleOf('admin3')] },
  'owner here, member there': { roles: [roleOf('owner1'), roleOf('member3')] },
  'member and admin here': { roles: [roleOf('member1'), roleOf('admin1')] },
  'support, and admin there': { roles: [roleOf('admin3')], is_support: true },
  'customer support here, admin in one of its projects': { roles: [roleOf('csupport1'), roleOf('admin1')] },
};
/** The recorded world in which `multi` has other roles, and another token: users are remembered by their tokens. */
const worldOf = (roles: object, token: string) => ({
  ...dataset,
  users: dataset.users.map((user) => (user.username === 'multi' ? { ...user, ...roles, token } : user)),
});

interface Availability {
  readonly action: string;
  readonly allowed: boolean;
  readonly reason: string | null;
}

const listOf = (value: JsonValue | undefined): Availability[] => (Array.isArray(value) ? Object(value) : []);

const gateway = useGateway();

/** What a mutation says when it is really sent, in a world that is as before. */
async function codeOf(mutation: string, as: string): Promise<JsonValue | undefined> {
  const { data, errors } = await gateway().query(`mutation { done: ${mutation} { userErrors { code } } }`, { as });
  expect(errors, `${mutation} as ${as}`).toBeUndefined();
  const code = at(data, 'done', 'userErrors', 0, 'code');
  if (code === undefined) gateway().simulator.reset();
  return code;
}

const SNAPSHOTS = [
  'rw-target',
  'st-erred',
  'st-updating',
  'st-ok-nobackend',
  'no-source',
  ...['Proteomics <beta>', 'Forecast', 'Vault'].map((project) => firstSnapshotOf(project)),
];

function firstSnapshotOf(project: string): string {
  const uuid = uuidOf.project(project);
  const found = dataset.snapshots.find((row) => row.project_uuid === uuid && row.state === 'OK');
  if (found === undefined) throw new Error(`no snapshot in ${project}`);
  return String(found.name);
}

const snapshotNamed = (name: string) => {
  const found = dataset.snapshots.find((row) => row.name === name);
  return found === undefined ? undefined : String(found.uuid);
};

/** The mutation of each action, on the object with this uuid. */
const SNAPSHOT_MUTATIONS: Readonly<Record<string, (uuid: string) => string>> = {
  RESTORE: (uuid) => `restoreSnapshot(input: { uuid: "${uuid}", name: "x" })`,
  PULL: (uuid) => `pullSnapshot(input: { uuid: "${uuid}" })`,
  UPDATE: (uuid) => `updateSnapshot(input: { uuid: "${uuid}", description: "x" })`,
  REPLACE: (uuid) => `replaceSnapshot(input: { uuid: "${uuid}", name: "x" })`,
  DELETE: (uuid) => `deleteSnapshot(input: { uuid: "${uuid}" })`,
  UNLINK: (uuid) => `unlinkSnapshot(input: { uuid: "${uuid}" })`,
};

const VOLUMES = [
  'scratch',
  'db-data',
  'db-system',
  'vol-erred',
  'vol-updating',
  'vol-deleting',
  'no-backend',
  'ok-but-error',
  'prot-plain',
  'sea-b',
  'vault-b',
];

const volumeNamed = (name: string) => Object(dataset.volumes.find((row) => row.name === name));
const instanceIn = (project: string) =>
  String(dataset.instances.find((row) => row.project_uuid === project && row.state === 'OK')?.uuid);

const VOLUME_MUTATIONS: Readonly<Record<string, (name: string) => string>> = {
  ATTACH: (name) => {
    const { uuid, project_uuid } = volumeNamed(name);
    const instance = instanceIn(project_uuid);
    // A project without an instance: the refusal of an unknown one comes after those of roles and states.
    return `attachVolume(input: { uuid: "${uuid}", instanceUuid: "${instance === 'undefined' ? uuid : instance}" })`;
  },
  DETACH: (name) => `detachVolume(input: { uuid: "${volumeNamed(name).uuid}" })`,
  EXTEND: (name) =>
    `extendVolume(input: { uuid: "${volumeNamed(name).uuid}", size: ${volumeNamed(name).size + 1024} })`,
  SNAPSHOT: (name) => `createSnapshot(input: { volumeUuid: "${volumeNamed(name).uuid}", name: "x" })`,
};

/** Refusals that no action foretells: of the values that a mutation is given, and the quotas of a snapshot or an extension. */
const NOT_FORETOLD: readonly unknown[] = ['VALIDATION', 'QUOTA_EXCEEDED'];

describe.each(USERS)('as %s', (as) => {
  it('an action on a snapshot is allowed exactly when its mutation succeeds, quotas included', async () => {
    for (const name of SNAPSHOTS) {
      const uuid = snapshotNamed(name);
      const query = `{ snapshot(uuid: "${uuid}") { availableActions(checkQuota: true) { action allowed reason } } }`;
      const { data, errors } = await gateway().query(query, { as });
      expect(errors).toBeUndefined();
      if (at(data, 'snapshot') === null) continue;
      const actions = listOf(at(data, 'snapshot', 'availableActions'));
      expect(actions.map(({ action }) => action)).toEqual(Object.keys(SNAPSHOT_MUTATIONS));
      for (const { action, allowed, reason } of actions) {
        const code = await codeOf(SNAPSHOT_MUTATIONS[action]?.(String(uuid)) ?? '', as);
        expect(allowed, `${action} of ${name} as ${as}: ${code}, ${reason}`).toBe(code === undefined);
        expect(reason === null).toBe(allowed);
      }
    }
  });

  it('an action on a volume is allowed exactly when its mutation succeeds', async () => {
    for (const name of VOLUMES) {
      const { uuid } = volumeNamed(name);
      const query = `{ volume(uuid: "${uuid}") { availableActions { action allowed reason } } }`;
      const { data, errors } = await gateway().query(query, { as });
      expect(errors).toBeUndefined();
      if (at(data, 'volume') === null) continue;
      const actions = listOf(at(data, 'volume', 'availableActions'));
      expect(actions.map(({ action }) => action)).toEqual(Object.keys(VOLUME_MUTATIONS));
      for (const { action, allowed, reason } of actions) {
        const code = await codeOf(VOLUME_MUTATIONS[action]?.(name) ?? '', as);
        const accepted = code === undefined || NOT_FORETOLD.includes(code);
        expect(allowed, `${action} of ${name} as ${as}: ${code}, ${reason}`).toBe(accepted);
        expect(reason === null).toBe(allowed);
      }
    }
  });
});

describe('roles that differ from project to project', () => {
  const LISTS = {
    all: '{ snapshots(first: 500) { nodes { uuid availableActions { action allowed } } } }',
    volumes: '{ volumes(first: 500) { nodes { uuid availableActions { action allowed } } } }',
    nested:
      '{ volumes(first: 500) { nodes { snapshots(first: 5) { nodes { uuid availableActions { action allowed } } } } } }',
  };

  describe.each(['2024', '2026'] as const)('Waldur of %s', (waldur) => {
    const mixed = useGateway({}, { simulator: { waldur } });

    it.each(Object.entries(MIXED))('%s: each row as Waldur decides', async (who, roles) => {
      const token = Buffer.from(who.padEnd(20)).toString('hex').slice(0, 40);
      mixed().simulator.loadDataset(worldOf(roles, token));
      for (const [list, query] of Object.entries(LISTS)) {
        const { data, errors } = await mixed().query(query, {
          as: null,
          headers: { authorization: `Token ${token}` },
        });
        expect(errors).toBeUndefined();
        const rows = rowsIn(data, list);
        expect(new Set(rows.map(({ allowed }) => allowed)).size, list).toBeGreaterThan(0);
        for (const { uuid, allowed } of rows) expect(allowed, `${list} ${uuid}`).toBe(mayChange(uuid, roles));
      }
    });
  });
});

/** Whether an action that any settled or unsettled object allows by its role is allowed: PULL and SNAPSHOT need no further luck. */
function rowsIn(data: JsonValue | undefined, list: string): { uuid: string; allowed: boolean }[] {
  const nodes: JsonValue[] = Object(at(data, list === 'all' ? 'snapshots' : 'volumes', 'nodes'));
  const rows = list === 'nested' ? nodes.flatMap((node) => Object(at(node, 'snapshots', 'nodes'))) : nodes;
  return rows
    .map((row) => ({ uuid: String(at(row, 'uuid')), actions: listOf(at(row, 'availableActions')) }))
    .filter(({ uuid }) => isPullable(uuid))
    .map(({ uuid, actions }) => ({
      uuid,
      allowed: actions.some(({ action, allowed }) => allowed && (action === 'PULL' || action === 'SNAPSHOT')),
    }));
}

const rowOf = (uuid: string) => [...dataset.snapshots, ...dataset.volumes].find((row) => row.uuid === uuid);
const isPullable = (uuid: string): boolean => {
  const { state, backend_id } = Object(rowOf(uuid));
  return (
    dataset.volumes.some((row) => row.uuid === uuid) || ((state === 'OK' || state === 'Erred') && Boolean(backend_id))
  );
};

function mayChange(uuid: string, { roles }: { roles: readonly object[] }): boolean {
  const project = rowOf(uuid)?.project_uuid;
  const customer = dataset.projects.find((row) => row.uuid === project)?.customer_uuid;
  const granting = ['PROJECT.ADMIN', 'PROJECT.MANAGER', 'CUSTOMER.OWNER'];
  return roles.some((role) => {
    const { role: name, scope_uuid } = Object(role);
    return granting.includes(name) && (scope_uuid === project || scope_uuid === customer);
  });
}

describe('relations', () => {
  const NODES = '{ nodes { availableActions { action } } }';
  const pinned = (project: string) => `(filter: { projectUuid: "${uuidOf.project(project)}" })`;
  /** Columns of other objects that were requested of lists and single objects. */
  async function relations(query: string, as: string) {
    gateway().simulator.resetStats();
    const { errors } = await gateway().query(query, { as });
    expect(errors).toBeUndefined();
    const paths = (await gateway().requestsSince(0)).map(({ path }) => path);
    const fields = paths
      .filter((path) => !path.includes('users/me'))
      .flatMap((path) => new URL(path, 'http://x').searchParams.getAll('field'));
    expect(fields).toContain('uuid');
    return fields.filter((field) => /project|customer|instance|tenant/.test(field));
  }

  it.each(USERS.filter((name) => name !== 'multi'))('none for %s, whose roles say the same everywhere', async (as) => {
    expect(await relations(`{ snapshots ${NODES} volumes ${NODES} }`, as)).toEqual([]);
  });

  it('the project alone for a member here and an admin there', async () => {
    expect(await relations(`{ snapshots ${NODES} }`, 'multi')).toEqual(['project_uuid']);
    expect(await relations(`{ volumes ${NODES} }`, 'multi')).toEqual(['project_uuid']);
    expect(
      await relations(`{ snapshot(uuid: "${uuidOf.snapshot('rw-target')}") { availableActions { action } } }`, 'multi'),
    ).toEqual(['project_uuid']);
  });

  it('none where the filter names the project, and the verdict is that of the project', async () => {
    for (const [project, allowed] of [
      ['Genome browser', false],
      ['Forecast', true],
    ] as const) {
      expect(
        await relations(`{ snapshots${pinned(project)} ${NODES} volumes${pinned(project)} ${NODES} }`, 'multi'),
      ).toEqual([]);
      const { data } = await gateway().query(
        `{ volumes${pinned(project)} { nodes { availableActions { action allowed } } } }`,
        { as: 'multi' },
      );
      const rows: JsonValue[] = Object(at(data, 'volumes', 'nodes'));
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(at(row, 'availableActions', 3)).toEqual({ action: 'SNAPSHOT', allowed });
    }
  });

  it('only of the kind of rows whose actions are selected', async () => {
    expect(await relations(`{ snapshots { nodes { uuid } } volumes ${NODES} }`, 'multi')).toEqual(['project_uuid']);
    expect(await relations('{ snapshots { nodes { uuid } } volumes { nodes { uuid } } }', 'multi')).toEqual([]);
  });

  it('users/me is read once a minute, however many lists and mutations there are', async () => {
    const query = `{ a: snapshots ${NODES} b: volumes ${NODES} }`;
    await Promise.all([1, 2, 3].map(() => gateway().query(query, { as: 'manager1' })));
    await gateway().query(query, { as: 'manager1' });
    expect(gateway().callsByRoute()['GET /api/users/me/'] ?? 0).toBeLessThanOrEqual(1);
  });
});

describe('checkQuota', () => {
  const restoreOf = (data: JsonValue | undefined, ...path: (string | number)[]) =>
    at(data, ...path, 'availableActions', 0);
  const full = () => snapshotNamed(firstSnapshotOf('Proteomics <beta>'));
  const fields = '{ availableActions(checkQuota: true) { action allowed reason } }';

  it('names the quota, its usage and its limit', async () => {
    const { data } = await gateway().query(`{ snapshot(uuid: "${full()}") ${fields} }`, { as: 'admin2' });
    expect(restoreOf(data, 'snapshot')).toEqual({
      action: 'RESTORE',
      allowed: false,
      reason: 'The quota volumes of the tenant would be exceeded: 3 of 3 are used, and a restore needs 1.',
    });
  });

  it('without it, no quota is looked at and nothing more is read', async () => {
    for (const argument of ['', '(checkQuota: false)', '(checkQuota: null)']) {
      gateway().simulator.resetStats();
      const query = `{ snapshot(uuid: "${full()}") { availableActions${argument} { allowed } } }`;
      const { data } = await gateway().query(query, { as: 'admin2' });
      expect(restoreOf(data, 'snapshot')).toEqual({ allowed: true });
      expect(gateway().callsByRoute()['GET /api/openstack-tenants/{uuid}/']).toBeUndefined();
      expect(gateway().callsByRoute()['GET /api/openstack-volumes/{uuid}/']).toBeUndefined();
    }
  });

  it('a variable decides', async () => {
    const query = `query ($check: Boolean) { snapshot(uuid: "${full()}") { availableActions(checkQuota: $check) { allowed } } }`;
    for (const check of [true, false, null, true]) {
      const { data } = await gateway().query(query, { as: 'admin2', variables: { check } });
      expect(restoreOf(data, 'snapshot'), String(check)).toEqual({ allowed: check !== true });
    }
    const { data } = await gateway().query(query, { as: 'admin2' });
    expect(restoreOf(data, 'snapshot')).toEqual({ allowed: true });
  });

  it('reads each tenant once for a list', async () => {
    await gateway().query('{ viewer { uuid } }', { as: 'staff' });
    gateway().simulator.resetStats();
    const { data, errors } = await gateway().query(`{ snapshots(first: 300) { nodes ${fields} } }`, { as: 'staff' });
    expect(errors).toBeUndefined();
    expect(at(data, 'snapshots', 'nodes', 299)).toBeDefined();
    expect(gateway().callsByRoute()['GET /api/openstack-tenants/{uuid}/']).toBeLessThanOrEqual(4);
    expect(gateway().calls()).toBeLessThanOrEqual(9);
  });

  it('what the state or the role forbids needs no quota', async () => {
    for (const [name, as] of [
      ['st-erred', 'admin1'],
      ['rw-target', 'member1'],
    ] as const) {
      gateway().simulator.resetStats();
      await gateway().query(`{ snapshot(uuid: "${uuidOf.snapshot(name)}") ${fields} }`, { as });
      expect(gateway().callsByRoute()['GET /api/openstack-tenants/{uuid}/']).toBeUndefined();
    }
  });

  it('an unknown tenant allows the restore, a failing one is an error of the field', async () => {
    const orphan = await gateway().query(`{ snapshot(uuid: "${uuidOf.snapshot('no-source')}") ${fields} }`, {
      as: 'admin1',
    });
    expect(restoreOf(orphan.data, 'snapshot')).toMatchObject({ allowed: true });
    gateway().simulator.faults.add({ path: '/api/openstack-tenants/', status: 403, body: '{"detail": "no"}' });
    const failed = await gateway().query(`{ snapshot(uuid: "${full()}") { uuid ...on Snapshot ${fields} } }`, {
      as: 'admin2',
    });
    expect(failed.data).toEqual({ snapshot: { uuid: full(), availableActions: null } });
    expect(failed.errors).toMatchObject([
      { path: ['snapshot', 'availableActions'], extensions: { code: 'FORBIDDEN' } },
    ]);
  });

  it.each(TRANSPORTS)('over %s the verdict is the same', async (transport) => {
    const question = { query: `{ snapshot(uuid: "${full()}") ${fields} }` };
    const answer = await ask(gateway().url, transport, question, { authorization: `Token ${tokenOf('admin2')}` });
    expect(restoreOf(answer.data, 'snapshot')).toMatchObject({ action: 'RESTORE', allowed: false });
    expect(answer.codes).toEqual([]);
  });
});

describe('when users/me fails', () => {
  beforeAll(() => expect(USERS).toContain('owner2'));
  const fresh = useGateway();

  it('only the actions are null, and the rows are shown', async () => {
    fresh().simulator.faults.add({ path: '/api/users/me/', status: 500 });
    const { data, errors } = await fresh().query(
      '{ volumes(first: 1) { nodes { uuid availableActions { action } } } }',
      {
        as: 'owner2',
      },
    );
    expect(at(data, 'volumes', 'nodes', 0, 'uuid')).toEqual(expect.any(String));
    expect(at(data, 'volumes', 'nodes', 0, 'availableActions')).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_ERROR' } }]);
  });
});
