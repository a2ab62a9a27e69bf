import type { SnapshotRow } from './world.ts';
import { sourceOf, WORKS, type Work, type WorkName } from './works.ts';

/** The works as a gateway is asked that was generated from the OpenAPI document: REST's own names, and rows without connections. */
interface Generated {
  readonly document: string;
  readonly field: string;
  /** One row of the answer. */
  readonly row: (row: SnapshotRow) => object;
}

const TIMES = new Set(['created', 'modified', 'kept_until']);

/** Some columns of a row. Its scalar for times drops the microseconds. */
const only = (row: object, fields: readonly string[]): object =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([name]) => fields.includes(name))
      .map(([name, value]) => [name, TIMES.has(name) && value !== null ? new Date(value).toISOString() : value]),
  );

const columns =
  (name: WorkName) =>
  (row: SnapshotRow): object =>
    only(row, WORKS.find((work) => work.name === name)?.rest.fields ?? []);

const RESTORATION = ['uuid', 'created', 'volume', 'volume_name', 'volume_state', 'volume_size'];

const GENERATED: Readonly<Record<WorkName, Generated>> = {
  one: {
    document: `query One($uuid: Uuid!) {
  retrieveSnapshot(uuid: $uuid) { uuid name description state runtime_state size created modified }
}`,
    field: 'retrieveSnapshot',
    row: columns('one'),
  },
  ten: {
    document: `query Ten {
  listSnapshots(page_size: 10) { uuid name state runtime_state size created }
}`,
    field: 'listSnapshots',
    row: columns('ten'),
  },
  hundred: {
    document: `query Hundred {
  listSnapshots(page_size: 100) {
    uuid name description state runtime_state size created modified backend_id error_message action resource_type kept_until
    project_uuid project_name customer_uuid customer_name service_settings_uuid service_name service_settings_state
    restorations { ${RESTORATION.join(' ')} }
  }
}`,
    field: 'listSnapshots',
    row: (row) => ({
      ...columns('hundred')(row),
      restorations: row.restorations.map((restoration) => only(restoration, RESTORATION)),
    }),
  },
  volumes: {
    document: `query Volumes {
  listSnapshots(page_size: 100) { uuid name sourceVolume { uuid name state size type_name } }
}`,
    field: 'listSnapshots',
    row: (row) => ({
      uuid: row.uuid,
      name: row.name,
      sourceVolume: only(sourceOf(row), ['uuid', 'name', 'state', 'size', 'type_name']),
    }),
  },
};

export const generatedDocument = ({ name }: Work): string => GENERATED[name].document;

/** The `data` that it must answer. */
export function generatedData({ name, rows }: Work, variant: number): object {
  const { field, row } = GENERATED[name];
  const all = rows(variant).map(row);
  return { [field]: name === 'one' ? all[0] : all };
}
