import type { Generation, Resource, RuntimeResource, Snapshot, Uuid, Volume } from '../model.ts';
import { type Call, HttpError, invalid, ServerFault } from './exchange.ts';
import { stateOf } from './labels.ts';
import { isRoute } from './routes.ts';
import { compilePattern, strip } from './text.ts';
import { readUuid } from './uuid.ts';
import type { Sight } from './visibility.ts';

/** Filters of lists (contract 3.1). They also apply to detail URLs. */

type Row = Snapshot | Volume;
type Test<R> = (row: R) => boolean;
export type Table<R> = Readonly<Record<string, Filter<R>>>;

/** Builds the condition of a filter. Undefined means no condition. */
export interface Filter<R> {
  /** Several values are alternatives. Otherwise the last value is used. */
  readonly many?: boolean;
  readonly make: (values: readonly string[], call: Call, sight: Sight, name: string) => Test<R> | undefined;
}

const last = (values: readonly string[]): string => values.at(-1) ?? '';

/** Values of string filters are trimmed. Empty values are ignored. */
function textOf(values: readonly string[], name: string): string | undefined {
  const text = strip(last(values));
  if (text.includes('\0')) throw invalid({ [name]: ['Null characters are not allowed.'] });
  return text === '' ? undefined : text;
}

export const contains = <R>(get: (row: R, call: Call) => string): Filter<R> => ({
  make(values, call, _sight, name) {
    const text = textOf(values, name);
    if (text === undefined) return undefined;
    const matches = compilePattern(text);
    return (row) => matches(get(row, call));
  },
});

export const exact = <R>(get: (row: R) => string | null): Filter<R> => ({
  make(values, _call, _sight, name) {
    const text = textOf(values, name);
    return text === undefined ? undefined : (row) => get(row) === text;
  },
});

export const uuid = <R>(matches: (row: R, uuid: Uuid, call: Call, sight: Sight) => boolean): Filter<R> => ({
  make(values, call, sight, name) {
    const text = textOf(values, name);
    if (text === undefined) return undefined;
    const found = readUuid(text);
    if (found === undefined) throw invalid({ [name]: ['Enter a valid UUID.'] });
    return (row) => matches(row, found, call, sight);
  },
});

/** An address: only its path counts, and it must have a route of the right kind. */
export const address = <R>(place: string, matches: (row: R, uuid: Uuid, call: Call) => boolean): Filter<R> => ({
  make(values, call, _sight, name) {
    const text = textOf(values, name);
    if (text === undefined) return undefined;
    const path = pathOf(text);
    if (path === undefined || !path.startsWith('/')) return () => false;
    if (!isRoute(path, call.api.generation)) throw new HttpError(404, { tried: [], path: path.slice(1) });
    const found = readUuid(new RegExp(`^/api/${place}/([^/]+)/$`).exec(path)?.[1] ?? '');
    return found === undefined ? () => false : (row) => matches(row, found, call);
  },
});

function pathOf(text: string): string | undefined {
  if (!/^https?:/i.test(text)) return text.replace(/[?#].*$/s, '');
  const parsed = URL.parse(text);
  if (parsed === null) throw new ServerFault('the address cannot be parsed');
  return parsed.pathname;
}

const state: Filter<Resource> = {
  many: true,
  make(values, { api: { generation } }) {
    const states = new Set(values.map((label) => [label, stateOf(label, generation)] as const));
    for (const [label, found] of states) {
      if (found === undefined) {
        throw invalid({ state: [`Select a valid choice. ${label} is not one of the available choices.`] });
      }
    }
    const wanted = new Set([...states].map(([, found]) => found));
    return (row) => wanted.has(row.state);
  },
};

const customerOf = (row: Resource, { api: { world } }: Call) => {
  const project = world.tables.projects.get(row.project_uuid);
  return project && world.tables.customers.get(project.customer_uuid);
};

/** Filters of every OpenStack resource. */
export const RESOURCE: Table<RuntimeResource> = {
  name: contains((row) => row.name),
  name_exact: exact((row) => row.name),
  description: contains((row) => row.description),
  backend_id: exact((row) => row.backend_id),
  runtime_state: exact((row) => row.runtime_state),
  state,
  customer: uuid((row, found, call) => customerOf(row, call)?.uuid === found),
  customer_uuid: uuid((row, found, call) => customerOf(row, call)?.uuid === found),
  customer_name: contains((row, call) => customerOf(row, call)?.name ?? ''),
  customer_native_name: contains((row, call) => customerOf(row, call)?.native_name ?? ''),
  customer_abbreviation: contains((row, call) => customerOf(row, call)?.abbreviation ?? ''),
  project: uuid((row, found) => row.project_uuid === found),
  project_uuid: uuid((row, found) => row.project_uuid === found),
  project_name: contains((row, { api }) => api.world.tables.projects.get(row.project_uuid)?.name ?? ''),
  service_settings_uuid: uuid((row, found) => row.service_settings_uuid === found),
  service_settings_name: contains(
    (row, { api }) => api.world.tables.service_settings.get(row.service_settings_uuid)?.name ?? '',
  ),
  // These objects have no address, so whatever is asked for is not found.
  external_ip: { make: (values) => (last(values) === '' ? undefined : () => false) },
};

/** Filters of what a tenant contains. */
export const OF_TENANT: Table<RuntimeResource & { tenant_uuid: Uuid }> = {
  ...RESOURCE,
  tenant: address('openstack-tenants', (row, found) => row.tenant_uuid === found),
  tenant_uuid: uuid((row, found) => row.tenant_uuid === found),
};

/** Waldur ignores the boolean value: false filters like true (contract 3.1). */
const canManage: Filter<Row> = {
  make(values, { user }, sight) {
    const usable = /^(?:true|false|1|0|t|f|yes|no|y|n|on|off)$/i.test(last(values));
    return !usable || user.is_staff ? undefined : (row) => sight.manages(row.project_uuid);
  },
};

const byUuid: Filter<Row> = uuid((row, found) => row.uuid === found);

const snapshot: Readonly<Record<string, Filter<Snapshot>>> = {
  source_volume: address('openstack-volumes', (row, found) => row.source_volume_uuid === found),
  source_volume_uuid: uuid((row, found) => row.source_volume_uuid === found),
  backup: address('openstack-backups', (row, found) => row.backup_uuids.includes(found)),
  backup_uuid: uuid((row, found) => row.backup_uuids.includes(found)),
};

const restoredFrom = (row: Volume, snapshotUuid: Uuid, { api: { world } }: Call): boolean => {
  for (const link of world.restorationsOf(snapshotUuid)) {
    if (world.tables.restorations.get(link)?.volume_uuid === row.uuid) return true;
  }
  return false;
};

const volume: Readonly<Record<string, Filter<Volume>>> = {
  instance: address('openstack-instances', (row, found) => row.instance_uuid === found),
  instance_uuid: uuid((row, found) => row.instance_uuid === found),
  snapshot: address('openstack-snapshots', restoredFrom),
  snapshot_uuid: uuid(restoredFrom),
  availability_zone_name: exact<Volume>(() => null),
  // Volumes of the instance's tenant that are not on it; for an unknown instance the server fails (contract 3.1).
  attach_instance_uuid: uuid((row, found, { api: { world } }) => {
    const instance = world.tables.instances.get(found);
    return instance !== undefined && row.tenant_uuid === instance.tenant_uuid && row.instance_uuid !== found;
  }),
};

const byZone = (call: Call): Filter<Volume> => {
  const zones = call.api.world.tables.volume_availability_zones;
  return exact<Volume>((row) => zones.get(row.availability_zone_uuid ?? '')?.name ?? null);
};

const OF_2024 = {
  snapshot: {
    ...OF_TENANT,
    ...snapshot,
    uuid: byUuid,
    snapshot_schedule: address<Snapshot>(
      'openstack-snapshot-schedules',
      (row, found) => row.snapshot_schedule_uuid === found,
    ),
    snapshot_schedule_uuid: uuid<Snapshot>((row, found) => row.snapshot_schedule_uuid === found),
  },
  volume: { ...OF_TENANT, ...volume, uuid: byUuid },
};
const OF_2026 = {
  snapshot: { ...OF_TENANT, ...snapshot, can_manage: canManage },
  volume: { ...OF_TENANT, ...volume, can_manage: canManage },
};

const FILTERS: Readonly<Record<Generation, { snapshot: Table<Snapshot>; volume: Table<Volume> }>> = {
  '2024': OF_2024 as unknown as { snapshot: Table<Snapshot>; volume: Table<Volume> },
  '2026': OF_2026 as unknown as { snapshot: Table<Snapshot>; volume: Table<Volume> },
};

export const snapshotTest = (call: Call, sight: Sight): Test<Snapshot> =>
  build(FILTERS[call.api.generation].snapshot, call, sight);

export function volumeTest(call: Call, sight: Sight): Test<Volume> {
  const table = { ...FILTERS[call.api.generation].volume, availability_zone_name: byZone(call) };
  const test = build(table, call, sight);
  const instance = valuesOf(call).get('attach_instance_uuid')?.at(-1)?.trim();
  const found = instance ? readUuid(instance) : undefined;
  if (found !== undefined && !call.api.world.tables.instances.has(found)) {
    throw new ServerFault('the instance to attach to does not exist');
  }
  return test;
}

function valuesOf({ query }: Call): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of query) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
}

/** All conditions of a query; texts of wrong ones are told together, an address without a route after them. */
export function build<R>(table: Table<R>, call: Call, sight: Sight): Test<R> {
  const tests: Test<R>[] = [];
  const errors: Record<string, string[]> = {};
  let unroutable: HttpError | undefined;
  for (const [name, values] of valuesOf(call)) {
    const filter = Object.hasOwn(table, name) ? table[name] : undefined;
    if (filter === undefined) continue;
    try {
      const test = filter.make(values, call, sight, name);
      if (test !== undefined) tests.push(test);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      if (error.status === 400) Object.assign(errors, error.body);
      else unroutable = error;
    }
  }
  if (Object.keys(errors).length > 0) throw invalid(errors);
  if (unroutable !== undefined) throw unroutable;
  return (row) => tests.every((test) => test(row));
}
