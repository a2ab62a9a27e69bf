import type { Row } from './rest.ts';

/** What a team writes over this API by the guides, in the shape of our own schema, so that all answer the same documents. */
export const typeDefs = /* GraphQL */ `
  scalar UUID
  scalar DateTime
  scalar JSON
  enum State { OK ERRED CREATION_SCHEDULED CREATING UPDATE_SCHEDULED UPDATING DELETION_SCHEDULED DELETING }
  type Project { uuid: UUID! name: String! url: String! }
  type Customer { uuid: UUID! name: String! url: String! abbreviation: String! }
  type ServiceSettings { uuid: UUID! name: String! url: String! state: State! }
  type VolumeType { name: String! url: String! }
  type Volume {
    uuid: UUID!
    url: String
    name: String!
    description: String
    state: State!
    runtimeState: String!
    size: Int!
    type: VolumeType
    device: String!
  }
  type Restoration { uuid: UUID! created: DateTime! volume: Volume! }
  type Snapshot {
    uuid: UUID!
    url: String!
    name: String!
    description: String!
    state: State!
    runtimeState: String!
    size: Int!
    created: DateTime!
    modified: DateTime!
    backendId: String
    errorMessage: String!
    action: String!
    resourceType: String!
    keptUntil: DateTime
    metadata: JSON
    project: Project!
    customer: Customer!
    serviceSettings: ServiceSettings!
    sourceVolume: Volume
    restorations: [Restoration!]!
  }
  type SnapshotConnection { totalCount: Int! nodes: [Snapshot!]! }
  input SnapshotFilter { projectUuid: UUID sourceVolumeUuid: UUID }
  type Query {
    snapshot(uuid: UUID!): Snapshot
    snapshots(first: Int = 20, offset: Int = 0, filter: SnapshotFilter): SnapshotConnection!
  }
`;

/** How a peer reads REST. `fields` is a list of `field` parameters, or empty for whole rows. */
export interface PeerContext {
  snapshot(uuid: string, fields: string): Promise<Row | null>;
  snapshots(query: string): Promise<Listed>;
  volume(uuid: string, fields: string): Promise<Row | null>;
}

/** What a list answers with; its count is in a header. */
export interface Listed {
  readonly rows: readonly Row[];
  readonly total: number;
}

export interface ListArguments {
  readonly first: number;
  readonly offset: number;
  readonly filter?: { readonly projectUuid?: string; readonly sourceVolumeUuid?: string } | null;
}

/** The query of REST for a page; offsets are whole pages. */
export function listQuery({ first, offset, filter }: ListArguments, fields: string): string {
  let query = `?page_size=${first}`;
  if (offset > 0) query += `&page=${offset / first + 1}`;
  if (filter?.projectUuid) query += `&project_uuid=${filter.projectUuid}`;
  if (filter?.sourceVolumeUuid) query += `&source_volume_uuid=${filter.sourceVolumeUuid}`;
  return fields === '' ? query : `${query}&${fields}`;
}

export const uuidIn = (address: unknown): string => String(address).split('/').at(-2) ?? '';

type Resolver = (row: Row) => unknown;
const column =
  (name: string): Resolver =>
  (row) =>
    row[name];

/** A resolver for each field that REST names otherwise; whole rows are read. */
export const resolvers = {
  Query: {
    snapshot: (_: unknown, { uuid }: { uuid: string }, context: PeerContext) => context.snapshot(uuid, ''),
    snapshots: (_: unknown, page: ListArguments, context: PeerContext) => context.snapshots(listQuery(page, '')),
  },
  SnapshotConnection: {
    totalCount: ({ total }: Listed) => total,
    nodes: ({ rows }: Listed) => rows,
  },
  Snapshot: {
    runtimeState: column('runtime_state'),
    backendId: column('backend_id'),
    errorMessage: column('error_message'),
    resourceType: column('resource_type'),
    keptUntil: column('kept_until'),
    project: (row: Row) => ({ uuid: row.project_uuid, name: row.project_name, url: row.project }),
    customer: (row: Row) => ({
      uuid: row.customer_uuid,
      name: row.customer_name,
      url: row.customer,
      abbreviation: row.customer_abbreviation,
    }),
    serviceSettings: (row: Row) => ({
      uuid: row.service_settings_uuid,
      name: row.service_name,
      url: row.service_settings,
      state: row.service_settings_state,
    }),
    sourceVolume: (row: Row, _: unknown, context: PeerContext) =>
      row.source_volume === null ? null : context.volume(uuidIn(row.source_volume), ''),
  },
  Restoration: {
    // The row has what a table shows of the volume.
    volume: (row: Row) => ({
      uuid: uuidIn(row.volume),
      url: row.volume,
      name: row.volume_name,
      state: row.volume_state,
      runtime_state: row.volume_runtime_state,
      size: row.volume_size,
      device: row.volume_device,
    }),
  },
  Volume: {
    runtimeState: column('runtime_state'),
    type: (row: Row) => (row.type ? { name: row.type_name, url: row.type } : null),
  },
};
