import { parseState } from '../src/domain/states.ts';
import { ControlError } from './faults.ts';
import type { Json, JsonObject, Tables, Uuid } from './model.ts';
import type { Kind } from './worker/cloud.ts';
import type { World } from './world.ts';

type Read = (value: unknown, world: World) => Json;
interface Column {
  column: string;
  read: Read;
}

const wrong = (wanted: string): never => {
  throw new ControlError(400, `must be ${wanted}`);
};

const text: Read = (value) => (typeof value === 'string' ? value : wrong('a string'));
const textOrNull: Read = (value, world) => (value === null ? null : text(value, world));
const flag: Read = (value) => (typeof value === 'boolean' ? value : wrong('true or false'));
const size: Read = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : wrong('an integer, in MiB');
const anything: Read = (value) => value as Json;
const object: Read = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : wrong('an object');
const state: Read = (value) => (typeof value === 'string' ? parseState(value) : undefined) ?? wrong('a state');

const time: Read = (value) => {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (typeof value !== 'string' || Number.isNaN(ms)) return wrong('an ISO 8601 time');
  // A time in Waldur's format keeps its microseconds. Any other format is converted to UTC.
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(value) ? value : new Date(ms).toISOString();
};
const timeOrNull: Read = (value, world) => (value === null ? null : time(value, world));

const UUID = /(?:^|\/)([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\/?$/i;

/** The uuid at the end of a URL or path, or a plain uuid, with or without hyphens. */
export const uuidIn = (value: unknown): Uuid | undefined =>
  typeof value === 'string' ? UUID.exec(value)?.slice(1).join('').toLowerCase() : undefined;

const reference =
  (table: keyof Tables): Read =>
  (value, world) => {
    const uuid = uuidIn(value) ?? wrong('a URL or a uuid');
    return world.tables[table].has(uuid) ? uuid : wrong(`a row of ${table}; there is none with uuid ${uuid}`);
  };
const referenceOrNull = (table: keyof Tables): Read => {
  const read = reference(table);
  return (value, world) => (value === null ? null : read(value, world));
};

/** A relation may be given by both of its REST names, such as `tenant` (a URL) and `tenant_uuid`. */
const relation = (name: string, column: string, read: Read): Record<string, Column> => ({
  [name]: { column, read },
  [`${name}_uuid`]: { column, read },
});

const same = (names: Record<string, Read>): Record<string, Column> =>
  Object.fromEntries(Object.entries(names).map(([column, read]) => [column, { column, read }]));

const COMMON: Record<string, Column> = {
  ...same({
    name: text,
    description: text,
    state,
    backend_id: textOrNull,
    error_message: text,
    error_traceback: text,
    created: time,
    modified: time,
    runtime_state: text,
    action: text,
    action_details: object,
    size,
    metadata: anything,
  }),
  ...relation('tenant', 'tenant_uuid', reference('tenants')),
  ...relation('project', 'project_uuid', reference('projects')),
  ...relation('service_settings', 'service_settings_uuid', reference('service_settings')),
};

/** REST fields and their columns. Fields that are not listed are computed from other rows. */
const COLUMNS: Record<Kind, Record<string, Column>> = {
  snapshot: {
    ...COMMON,
    ...same({ kept_until: timeOrNull }),
    ...relation('source_volume', 'source_volume_uuid', referenceOrNull('volumes')),
    ...relation('snapshot_schedule', 'snapshot_schedule_uuid', referenceOrNull('snapshot_schedules')),
  },
  volume: {
    ...COMMON,
    ...same({ bootable: flag, device: text, image_name: text, image_metadata: anything }),
    ...relation('image', 'image_uuid', referenceOrNull('images')),
    ...relation('type', 'type_uuid', referenceOrNull('volume_types')),
    ...relation('availability_zone', 'availability_zone_uuid', referenceOrNull('volume_availability_zones')),
    ...relation('instance', 'instance_uuid', referenceOrNull('instances')),
    ...relation('source_snapshot', 'source_snapshot_uuid', referenceOrNull('snapshots')),
  },
};

/** Maps the REST fields of a control request to columns. @throws ControlError that names the invalid field. */
export function readColumns(kind: Kind, body: Record<string, unknown>, world: World): Record<string, Json> {
  const columns: Record<string, Json> = {};
  for (const [name, value] of Object.entries(body)) {
    const field = Object.hasOwn(COLUMNS[kind], name) ? COLUMNS[kind][name] : undefined;
    if (field === undefined) {
      throw new ControlError(400, `"${name}" is not a writable field of a ${kind}`);
    }
    try {
      columns[field.column] = field.read(value, world);
    } catch (error) {
      if (error instanceof ControlError) throw new ControlError(400, `${name} ${error.message}`);
      throw error;
    }
  }
  return columns;
}
