import type { AvailabilityZone, Customer, Image, Instance, Project, Tenant, User, VolumeType } from '../model.ts';
import { type Call, invalid } from './exchange.ts';
import { address, contains, exact, type Filter, OF_TENANT, RESOURCE, type Table, uuid } from './filters.ts';
import { strip } from './text.ts';
import { readUuid } from './uuid.ts';

/** Filters of lists of objects beside snapshots and volumes (contract 11.2). Names that are missing here are ignored. */

interface Named {
  readonly uuid: string;
  readonly name: string;
}

const byName: Table<Named> = { name: contains((row) => row.name), name_exact: exact((row) => row.name) };

/** Part of one of the texts, or the uuid. */
const search = <R extends Named>(texts: (row: R) => readonly string[]): Filter<R> => ({
  make(values, call, sight, name) {
    const text = strip(values.at(-1) ?? '');
    const test = contains<R>((row) => texts(row).join('\n')).make(values, call, sight, name);
    return test && ((row) => test(row) || row.uuid === readUuid(text));
  },
});

/** A comma list of uuids. The last value is used. */
const anyUuid = <R>(get: (row: R) => string): Filter<R> => ({
  make(values, _call, _sight, name) {
    const parts = (values.at(-1) ?? '').split(',').filter((part) => part.trim() !== '');
    if (parts.length === 0) return undefined;
    const uuids = new Set(parts.map((part) => readUuid(part.trim())));
    if (uuids.has(undefined)) throw invalid({ [name]: ['Enter a valid UUID.'] });
    return (row) => uuids.has(get(row));
  },
});

const userWith = (userUuid: string, { api }: Call): User | undefined => api.world.tables.users.get(userUuid);

const hasRole = (user: User | undefined, scopes: readonly string[]): boolean =>
  user?.roles.some((role) => role.is_active && scopes.includes(role.scope_uuid)) === true;

const customerOf = (row: Project, { api }: Call): Customer | undefined =>
  api.world.tables.customers.get(row.customer_uuid);

const projectsOf = (row: Customer, { api }: Call): string[] =>
  [...api.world.tables.projects.values()]
    .filter((project) => project.customer_uuid === row.uuid)
    .map(({ uuid }) => uuid);

export const PROJECT: Table<Project> = {
  ...byName,
  query: search((row) => [row.name]),
  customer: anyUuid((row) => row.customer_uuid),
  customer_name: contains((row, call) => customerOf(row, call)?.name ?? ''),
  customer_native_name: contains((row, call) => customerOf(row, call)?.native_name ?? ''),
  customer_abbreviation: contains((row, call) => customerOf(row, call)?.abbreviation ?? ''),
  description: contains((row) => row.description),
  backend_id: exact(() => null),
  user_uuid: uuid((row, found, call) => hasRole(userWith(found, call), [row.uuid])),
};

/** Its values are read as booleans; any other is no condition. */
const owned: Filter<Customer> = {
  make: (values, { user }) =>
    /^true$/i.test(values.at(-1) ?? '')
      ? (row) =>
          user.roles.some((role) => role.is_active && role.role === 'CUSTOMER.OWNER' && role.scope_uuid === row.uuid)
      : undefined,
};

export const CUSTOMER: Table<Customer> = {
  ...byName,
  query: search((row) => [row.name, row.native_name, row.abbreviation]),
  abbreviation: contains((row) => row.abbreviation),
  native_name: contains((row) => row.native_name),
  owned_by_current_user: owned,
  user_uuid: uuid((row, found, call) => hasRole(userWith(found, call), [row.uuid, ...projectsOf(row, call)])),
};

export const TENANT: Table<Tenant> = { ...RESOURCE, uuid: uuid((row, found) => row.uuid === found) };

/** Instances of the volume's tenant and project, in any state; its own instance too. */
const attachable: Filter<Instance> = uuid((row, found, { api }) => {
  const volume = api.world.tables.volumes.get(found);
  return volume !== undefined && volume.tenant_uuid === row.tenant_uuid && volume.project_uuid === row.project_uuid;
});

export const INSTANCE: Table<Instance> = {
  ...OF_TENANT,
  uuid: uuid((row, found) => row.uuid === found),
  attach_volume_uuid: attachable,
};

/** Of what a provider offers; `tenants` are those that it is offered to. */
const ofProvider = <R extends Named & { settings_uuid: string }>(tenants: (row: R) => readonly string[]): Table<R> => ({
  ...byName,
  tenant_uuid: uuid((row, found) => tenants(row).includes(found)),
  // Whatever it names, nothing is found.
  tenant: address('openstack-tenants', () => false),
  settings_uuid: uuid((row, found) => row.settings_uuid === found),
  settings: address('service-settings', (row, found) => row.settings_uuid === found),
});

export const VOLUME_TYPE: Table<VolumeType> = ofProvider((row) => row.tenant_uuids);
export const IMAGE: Table<Image> = ofProvider(() => []);
export const AVAILABILITY_ZONE: Table<AvailabilityZone> = ofProvider((row) => [row.tenant_uuid]);
