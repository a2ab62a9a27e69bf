import type { GraphQLResolveInfo } from 'graphql';
import { fieldsAskedFor } from './fields.ts';
import type { Row } from './rest.ts';

/** What a competent team writes over this API, in the shape of our own schema, so that all answer the same documents. */
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
  type Query {
    snapshot(uuid: UUID!): Snapshot
    snapshots(first: Int = 20): SnapshotConnection!
  }
`;

/** How a peer reads REST. `query` is empty or begins with a question mark. */
export interface PeerContext {
  snapshot(uuid: string, query: string): Promise<Row | null>;
  snapshots(query: string): Promise<{ rows: Row[]; total: number }>;
  volume(uuid: string): Promise<Row | null>;
}

export const uuidIn = (address: unknown): string => String(address).split('/').at(-2) ?? '';

type Resolver = (row: Row) => unknown;
const column =
  (name: string): Resolver =>
  (row) =>
    row[name];

/** What a list answers with; its count is in a header. */
interface Listed {
  rows: Row[];
  total: number;
}

export const resolvers = {
  Query: {
    snapshot: (_: unknown, { uuid }: { uuid: string }, context: PeerContext, info: GraphQLResolveInfo) => {
      const fields = fieldsAskedFor(info, []);
      return context.snapshot(uuid, fields && `?${fields}`);
    },
    snapshots: (_: unknown, { first }: { first: number }, context: PeerContext, info: GraphQLResolveInfo) => {
      const fields = fieldsAskedFor(info, ['nodes']);
      return context.snapshots(`?page_size=${first}${fields && `&${fields}`}`);
    },
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
      row.source_volume === null ? null : context.volume(uuidIn(row.source_volume)),
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
