import type { GraphQLResolveInfo } from 'graphql';
import { fieldsOf, SNAPSHOT_COLUMNS, VOLUME_COLUMNS } from './fields.ts';
import { type ListArguments, listQuery, type PeerContext, type Row, uuidIn } from './schema.ts';

const restoration = (row: Row): object => ({
  uuid: row.uuid,
  created: row.created,
  volume: {
    uuid: uuidIn(row.volume),
    url: row.volume,
    name: row.volume_name,
    state: row.volume_state,
    runtimeState: row.volume_runtime_state,
    size: row.volume_size,
    device: row.volume_device,
  },
});

interface FlatSnapshot {
  /** Address of the volume, for the one field that is a call. */
  readonly sourceAddress: unknown;
  readonly [field: string]: unknown;
}

const snapshot = (row: Row): FlatSnapshot => ({
  sourceAddress: row.source_volume,
  uuid: row.uuid,
  url: row.url,
  name: row.name,
  description: row.description,
  state: row.state,
  runtimeState: row.runtime_state,
  size: row.size,
  created: row.created,
  modified: row.modified,
  backendId: row.backend_id,
  errorMessage: row.error_message,
  action: row.action,
  resourceType: row.resource_type,
  keptUntil: row.kept_until,
  metadata: row.metadata,
  project: { uuid: row.project_uuid, name: row.project_name, url: row.project },
  customer: {
    uuid: row.customer_uuid,
    name: row.customer_name,
    url: row.customer,
    abbreviation: row.customer_abbreviation,
  },
  serviceSettings: {
    uuid: row.service_settings_uuid,
    name: row.service_name,
    url: row.service_settings,
    state: row.service_settings_state,
  },
  restorations: (row.restorations as readonly Row[] | undefined)?.map(restoration),
});

const volume = (row: Row): object => ({
  uuid: row.uuid,
  url: row.url,
  name: row.name,
  description: row.description,
  state: row.state,
  runtimeState: row.runtime_state,
  size: row.size,
  device: row.device,
  type: row.type ? { name: row.type_name, url: row.type } : null,
});

/** Rows become objects of the schema in one go, so that fields are read as properties and no resolver runs for them; `field` lists by hand. */
export const flatResolvers = {
  Query: {
    async snapshot(_: unknown, { uuid }: { uuid: string }, context: PeerContext, info: GraphQLResolveInfo) {
      const row = await context.snapshot(uuid, fieldsOf(info, [], SNAPSHOT_COLUMNS));
      return row && snapshot(row);
    },
    async snapshots(_: unknown, page: ListArguments, context: PeerContext, info: GraphQLResolveInfo) {
      const { rows, total } = await context.snapshots(listQuery(page, fieldsOf(info, ['nodes'], SNAPSHOT_COLUMNS)));
      return { totalCount: total, nodes: rows.map(snapshot) };
    },
  },
  Snapshot: {
    async sourceVolume({ sourceAddress }: FlatSnapshot, _: unknown, context: PeerContext, info: GraphQLResolveInfo) {
      if (sourceAddress === null) return null;
      const row = await context.volume(uuidIn(sourceAddress), fieldsOf(info, [], VOLUME_COLUMNS));
      return row && volume(row);
    },
  },
};
