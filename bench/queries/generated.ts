import type { SnapshotRow } from './world.ts';
import { sourceOf, type Work, type WorkName } from './works.ts';

/** The works as a gateway is asked that was generated from the OpenAPI document: REST's own names, and rows without connections. */
interface Generated {
  readonly document: string;
  readonly field: string;
  readonly variables: (work: Work, variant: number) => object;
  /** One row of the answer. */
  readonly row: (row: SnapshotRow, work: Work) => object;
}

const TIMES = new Set(['created', 'modified', 'kept_until']);

/** Some columns of a row. Its scalar for times drops the microseconds. */
const only = (row: object, fields: readonly string[]): object =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([name]) => fields.includes(name))
      .map(([name, value]) => [name, TIMES.has(name) && value !== null ? new Date(value).toISOString() : value]),
  );

const columns = (row: SnapshotRow, { rest }: Work): object => only(row, rest.fields);

/** What the REST path of a work says, as variables. */
const fromPath = ({ rest }: Work, variant: number): object => {
  const parameters = new URL(rest.path(variant), 'http://waldur').searchParams;
  return Object.fromEntries([...parameters].map(([name, value]) => [name, name === 'page' ? Number(value) : value]));
};

const RESTORATION = ['uuid', 'created', 'volume', 'volume_name', 'volume_state', 'volume_size'];

const GENERATED: Readonly<Record<WorkName, Generated>> = {
  one: {
    document: `query One($uuid: Uuid!) {
  retrieveSnapshot(uuid: $uuid) { uuid name description state runtime_state size created modified }
}`,
    field: 'retrieveSnapshot',
    variables: (work, variant) => work.variables(variant),
    row: columns,
  },
  ten: {
    document: `query Ten($source_volume_uuid: Uuid) {
  listSnapshots(page_size: 10, source_volume_uuid: $source_volume_uuid) { uuid name state runtime_state size created }
}`,
    field: 'listSnapshots',
    variables: fromPath,
    row: columns,
  },
  hundred: {
    document: `query Hundred($project_uuid: Uuid, $page: PositiveInt) {
  listSnapshots(page_size: 100, page: $page, project_uuid: $project_uuid) {
    uuid name description state runtime_state size created modified backend_id error_message action kept_until metadata
    project_uuid project_name customer_uuid customer_name service_settings_uuid service_name service_settings_state
    restorations { ${RESTORATION.join(' ')} }
  }
}`,
    field: 'listSnapshots',
    variables: fromPath,
    row: (row, work) => ({
      ...columns(row, work),
      restorations: row.restorations.map((restoration) => only(restoration, RESTORATION)),
    }),
  },
  volumes: {
    document: `query Volumes($project_uuid: Uuid, $page: PositiveInt) {
  listSnapshots(page_size: 100, page: $page, project_uuid: $project_uuid) { uuid name sourceVolume { uuid name state size type_name } }
}`,
    field: 'listSnapshots',
    variables: fromPath,
    row(row, { world }) {
      const volume = sourceOf(world, row);
      const fields = ['uuid', 'name', 'state', 'size', 'type_name'];
      const sourceVolume = volume && { type_name: null, ...only(volume, fields) };
      return { uuid: row.uuid, name: row.name, sourceVolume };
    },
  },
};

export const generatedDocument = ({ name }: Work): string => GENERATED[name].document;
export const generatedVariables = (work: Work, variant: number): object => GENERATED[work.name].variables(work, variant);

/** The `data` that it must answer. */
export function generatedData(work: Work, variant: number): object {
  const { field, row } = GENERATED[work.name];
  const all = work.rows(variant).map((each) => row(each, work));
  return { [field]: work.name === 'one' ? all[0] : all };
}
