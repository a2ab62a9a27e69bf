import { type SnapshotRow, snapshots, type VolumeRow, volumes } from './world.ts';

/** What every server is asked, and what it must answer. */
export interface Work {
  readonly name: WorkName;
  readonly title: string;
  readonly document: string;
  /** How many different requests there are. */
  readonly variants: number;
  readonly variables: (variant: number) => object;
  /** The same question in REST, as a client would ask who knows `field`. */
  readonly rest: { readonly path: (variant: number) => string; readonly fields: readonly string[] };
  /** Objects in the answer, from the world, for servers that answer in their own shape. */
  readonly rows: (variant: number) => readonly SnapshotRow[];
  /** The `data` that a GraphQL server must answer. */
  readonly data: (variant: number) => object;
}

export type WorkName = 'one' | 'ten' | 'hundred' | 'volumes';

const uuidIn = (address: string): string => address.split('/').at(-2) ?? '';

const volumeByUrl: ReadonlyMap<string, VolumeRow> = new Map(volumes.map((row) => [row.url, row]));

const listOf = (rows: readonly SnapshotRow[], project: (row: SnapshotRow) => object) => () => ({
  snapshots: { nodes: rows.map(project) },
});

const ONE = snapshots;
const TEN = snapshots.slice(0, 10);

const one = (row: SnapshotRow): object => ({
  uuid: row.uuid,
  name: row.name,
  description: row.description,
  state: row.state,
  runtimeState: row.runtime_state,
  size: row.size,
  created: row.created,
  modified: row.modified,
});

const ofTen = (row: SnapshotRow): object => ({
  uuid: row.uuid,
  name: row.name,
  state: row.state,
  runtimeState: row.runtime_state,
  size: row.size,
  created: row.created,
});

const ofHundred = (row: SnapshotRow): object => ({
  ...one(row),
  backendId: row.backend_id,
  errorMessage: row.error_message,
  action: row.action,
  resourceType: row.resource_type,
  keptUntil: row.kept_until,
  project: { uuid: row.project_uuid, name: row.project_name },
  customer: { uuid: row.customer_uuid, name: row.customer_name },
  serviceSettings: { uuid: row.service_settings_uuid, name: row.service_name, state: row.service_settings_state },
  restorations: row.restorations.map((restoration) => ({
    uuid: restoration.uuid,
    created: restoration.created,
    volume: {
      uuid: uuidIn(restoration.volume),
      name: restoration.volume_name,
      state: restoration.volume_state,
      size: restoration.volume_size,
    },
  })),
});

/** The volume that a snapshot was made from. */
export function sourceOf(row: SnapshotRow): VolumeRow {
  const volume = volumeByUrl.get(row.source_volume ?? '');
  if (volume === undefined) throw new Error(`the world has no volume for ${row.name}`);
  return volume;
}

function withVolume(row: SnapshotRow): object {
  const { uuid, name, state, size, type_name } = sourceOf(row);
  return { uuid: row.uuid, name: row.name, sourceVolume: { uuid, name, state, size, type: { name: type_name } } };
}

export const WORKS: readonly Work[] = [
  {
    name: 'one',
    title: 'one snapshot, 8 fields',
    document: `query One($uuid: UUID!) {
  snapshot(uuid: $uuid) { uuid name description state runtimeState size created modified }
}`,
    variants: ONE.length,
    variables: (variant) => ({ uuid: ONE[variant]?.uuid }),
    rest: {
      path: (variant) => `/api/openstack-snapshots/${ONE[variant]?.uuid}/`,
      fields: ['uuid', 'name', 'description', 'state', 'runtime_state', 'size', 'created', 'modified'],
    },
    rows: (variant) => ONE.slice(variant, variant + 1),
    data: (variant) => ({ snapshot: ONE.slice(variant, variant + 1).map(one)[0] }),
  },
  {
    name: 'ten',
    title: 'list of 10, 6 fields',
    document: `query Ten {
  snapshots(first: 10) { nodes { uuid name state runtimeState size created } }
}`,
    variants: 1,
    variables: () => ({}),
    rest: {
      path: () => '/api/openstack-snapshots/?page_size=10',
      fields: ['uuid', 'name', 'state', 'runtime_state', 'size', 'created'],
    },
    rows: () => TEN,
    data: listOf(TEN, ofTen),
  },
  {
    name: 'hundred',
    title: 'list of 100, 20 fields + restorations',
    document: `query Hundred {
  snapshots(first: 100) {
    nodes {
      uuid name description state runtimeState size created modified backendId errorMessage action resourceType keptUntil
      project { uuid name }
      customer { uuid name }
      serviceSettings { uuid name state }
      restorations { uuid created volume { uuid name state size } }
    }
  }
}`,
    variants: 1,
    variables: () => ({}),
    rest: {
      path: () => '/api/openstack-snapshots/?page_size=100',
      fields: [
        ...['uuid', 'name', 'description', 'state', 'runtime_state', 'size', 'created', 'modified', 'backend_id'],
        ...['error_message', 'action', 'resource_type', 'kept_until', 'project_uuid', 'project_name', 'customer_uuid'],
        ...['customer_name', 'service_settings_uuid', 'service_name', 'service_settings_state', 'restorations'],
      ],
    },
    rows: () => snapshots,
    data: listOf(snapshots, ofHundred),
  },
  {
    name: 'volumes',
    title: 'list of 100 with their volumes',
    document: `query Volumes {
  snapshots(first: 100) { nodes { uuid name sourceVolume { uuid name state size type { name } } } }
}`,
    variants: 1,
    variables: () => ({}),
    // The list alone: REST has no answer that holds the volumes too.
    rest: {
      path: () => '/api/openstack-snapshots/?page_size=100',
      fields: ['uuid', 'name', 'source_volume', 'source_volume_name'],
    },
    rows: () => snapshots,
    data: listOf(snapshots, withVolume),
  },
];
