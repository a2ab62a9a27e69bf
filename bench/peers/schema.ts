/** A row of REST. */
export type Row = Readonly<Record<string, unknown>>;

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
