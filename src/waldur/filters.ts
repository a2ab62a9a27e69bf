import { legacyLabel, type State } from '../domain/states.ts';
import { badInput } from '../errors.ts';
import type { operations } from './rest.generated.ts';
import { type AddressKind, parseUuid, requireUuid, uuidFromUrl } from './uuid.ts';

/** How the value of a filter is checked and written. */
type Rule =
  | { readonly kind: 'text' }
  | { readonly kind: 'uuid' }
  /** A uuid or an address of another object. Only the uuid is used: the path that is sent is made from it. */
  | { readonly kind: 'address'; readonly of: AddressKind }
  | { readonly kind: 'states' }
  /** Its presence counts, not its value (contract 3.1), so false is left out. */
  | { readonly kind: 'switch' }
  /** Not a REST filter: newer versions would ignore it and list everything, so the request is a detail GET. */
  | { readonly kind: 'detail' };

interface Entry<Rest extends string = string> {
  /** Name of the REST parameter. */
  readonly rest: Rest;
  readonly rule: Rule;
}

/** Parameters of a list, as openapi/ describes them. A filter that is missing there is an error of the types. */
type ListName = Extract<keyof operations, `list${string}`>;
type Parameter<List extends ListName> = keyof NonNullable<operations[List]['parameters']['query']>;

const TEXT: Rule = { kind: 'text' };
const UUID: Rule = { kind: 'uuid' };
const address = (of: AddressKind): Rule => ({ kind: 'address', of });

const COMMON = {
  name: { rest: 'name', rule: TEXT },
  nameExact: { rest: 'name_exact', rule: TEXT },
  description: { rest: 'description', rule: TEXT },
  uuid: { rest: 'uuid', rule: { kind: 'detail' } },
  state: { rest: 'state', rule: { kind: 'states' } },
  runtimeState: { rest: 'runtime_state', rule: TEXT },
  backendId: { rest: 'backend_id', rule: TEXT },
  project: { rest: 'project', rule: UUID },
  projectUuid: { rest: 'project_uuid', rule: UUID },
  projectName: { rest: 'project_name', rule: TEXT },
  customer: { rest: 'customer', rule: UUID },
  customerUuid: { rest: 'customer_uuid', rule: UUID },
  customerName: { rest: 'customer_name', rule: TEXT },
  customerNativeName: { rest: 'customer_native_name', rule: TEXT },
  customerAbbreviation: { rest: 'customer_abbreviation', rule: TEXT },
  serviceSettingsUuid: { rest: 'service_settings_uuid', rule: UUID },
  serviceSettingsName: { rest: 'service_settings_name', rule: TEXT },
  tenant: { rest: 'tenant', rule: address('openstack-tenants') },
  tenantUuid: { rest: 'tenant_uuid', rule: UUID },
  canManage: { rest: 'can_manage', rule: { kind: 'switch' } },
  externalIp: { rest: 'external_ip', rule: TEXT },
} as const satisfies Record<string, Entry<Parameter<'listSnapshots'> & Parameter<'listVolumes'>>>;

export const SNAPSHOT_FILTERS = {
  ...COMMON,
  sourceVolume: { rest: 'source_volume', rule: address('openstack-volumes') },
  sourceVolumeUuid: { rest: 'source_volume_uuid', rule: UUID },
  backup: { rest: 'backup', rule: address('openstack-backups') },
  backupUuid: { rest: 'backup_uuid', rule: UUID },
} as const satisfies Record<string, Entry<Parameter<'listSnapshots'>>>;

export const VOLUME_FILTERS = {
  ...COMMON,
  instance: { rest: 'instance', rule: address('openstack-instances') },
  instanceUuid: { rest: 'instance_uuid', rule: UUID },
  snapshot: { rest: 'snapshot', rule: address('openstack-snapshots') },
  snapshotUuid: { rest: 'snapshot_uuid', rule: UUID },
  availabilityZoneName: { rest: 'availability_zone_name', rule: TEXT },
  attachInstanceUuid: { rest: 'attach_instance_uuid', rule: UUID },
} as const satisfies Record<string, Entry<Parameter<'listVolumes'>>>;

export const NO_FILTERS = {} as const satisfies Record<string, Entry>;

/** Of customers. */
export const NAME_FILTERS = {
  name: { rest: 'name', rule: TEXT },
} as const satisfies Record<string, Entry<Parameter<'listCustomers'>>>;

export const PROJECT_FILTERS = {
  name: { rest: 'name', rule: TEXT },
  // Waldur ignores `customer_uuid` here (contract 11.2).
  customerUuid: { rest: 'customer', rule: UUID },
} as const satisfies Record<string, Entry<Parameter<'listProjects'>>>;

export const TENANT_FILTERS = {
  name: { rest: 'name', rule: TEXT },
  projectUuid: { rest: 'project_uuid', rule: UUID },
} as const satisfies Record<string, Entry<Parameter<'listTenants'>>>;

export const INSTANCE_FILTERS = {
  name: { rest: 'name', rule: TEXT },
  projectUuid: { rest: 'project_uuid', rule: UUID },
  tenantUuid: { rest: 'tenant_uuid', rule: UUID },
  attachableTo: { rest: 'attach_volume_uuid', rule: UUID },
} as const satisfies Record<string, Entry<Parameter<'listInstances'>>>;

type ValueOf<Kind> = Kind extends 'states' ? readonly State[] : Kind extends 'switch' ? boolean : string;
type FilterOf<Table extends Record<string, Entry>> = {
  readonly [Name in keyof Table]?: ValueOf<Table[Name]['rule']['kind']> | null | undefined;
};

/** Conditions in the names of the graph; null and absent are no condition. */
export type SnapshotFilter = FilterOf<typeof SNAPSHOT_FILTERS>;
export type VolumeFilter = FilterOf<typeof VOLUME_FILTERS>;

export type FilterTable = Readonly<Record<string, Entry>>;
export type FilterValues = Readonly<Record<string, unknown>>;

/** Maximum characters, more than any searched column has. A longer value would make the request line too long. */
const LONGEST_TEXT = 2_000;

/**
 * Writes conditions as a query string, without `?`; empty when there are none.
 * @param legacy whether states are written in the spelling before March 2025.
 * @throws GatewayError BAD_USER_INPUT naming the filter, for a value that Waldur would refuse or misread.
 */
export function writeFilter(table: FilterTable, filter: FilterValues, legacy: boolean): string {
  const parts: string[] = [];
  for (const name in filter) {
    const value = filter[name];
    if (value === null || value === undefined) continue;
    const entry = Object.hasOwn(table, name) ? table[name] : undefined;
    if (entry === undefined) throw badInput(`filter.${name}`, `The filter ${name} does not exist.`);
    writeCondition(parts, `filter.${name}`, entry, value, legacy);
  }
  return parts.join('&');
}

function writeCondition(
  parts: string[],
  argument: string,
  { rest, rule }: Entry,
  value: unknown,
  legacy: boolean,
): void {
  switch (rule.kind) {
    case 'text':
      parts.push(`${rest}=${encodeURIComponent(checkText(argument, value))}`);
      return;
    case 'uuid':
      parts.push(`${rest}=${requireUuid(String(value), argument)}`);
      return;
    case 'address':
      parts.push(`${rest}=${encodeURIComponent(checkAddress(argument, value, rule.of))}`);
      return;
    case 'states':
      for (const state of new Set(value as readonly State[])) {
        parts.push(`${rest}=${encodeURIComponent(legacy ? legacyLabel(state) : state)}`);
      }
      return;
    case 'switch':
      if (value === true) parts.push(`${rest}=true`);
      return;
    case 'detail':
      return;
  }
}

function checkText(argument: string, value: unknown): string {
  const text = String(value);
  if (text.length > LONGEST_TEXT) throw badInput(argument, `${argument} must have at most ${LONGEST_TEXT} characters.`);
  if (text.includes('\0')) throw badInput(argument, `${argument} must not contain NUL characters.`);
  // A lone surrogate cannot be encoded, and Waldur cannot store it. The replacement matches nothing either.
  return text.toWellFormed();
}

function checkAddress(argument: string, value: unknown, kind: AddressKind): string {
  const given = String(value);
  const uuid = parseUuid(given) ?? uuidFromUrl(given, kind);
  if (uuid === undefined)
    throw badInput(argument, `${argument} must be a uuid, or a REST address such as /api/${kind}/UUID/.`);
  return `/api/${kind}/${uuid}/`;
}

/** True when the filter contains states, so that their spelling matters. */
export const hasStates = (filter: FilterValues): boolean => Array.isArray(filter.state) && filter.state.length > 0;

/** The name in the graph of the first filter among REST names; undefined when none of them is a filter. */
export function filterNamed(table: FilterTable, restNames: Iterable<string>): string | undefined {
  for (const restName of restNames) {
    const found = Object.entries(table).find(([, { rest }]) => rest === restName);
    if (found !== undefined) return found[0];
  }
  return undefined;
}
