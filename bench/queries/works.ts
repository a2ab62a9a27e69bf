import { makeWorld, type RowSet, SNAPSHOTS_OF_PROJECT, type SnapshotRow, type VolumeRow, type World } from './world.ts';

/** What every server is asked, and what it must answer. */
export interface Work {
  readonly name: WorkName;
  readonly title: string;
  readonly document: string;
  /** How many different requests there are; no two of them ask for the same rows. */
  readonly variants: number;
  readonly variables: (variant: number) => object;
  /** The same question in REST, as a client would ask who knows `field`. */
  readonly rest: { readonly path: (variant: number) => string; readonly fields: readonly string[] };
  /** Rows behind the answer, for servers that answer in their own shape. */
  readonly rows: (variant: number) => readonly SnapshotRow[];
  /** The `data` that a GraphQL server must answer. */
  readonly data: (variant: number) => object;
  readonly world: World;
}

export type WorkName = 'one' | 'ten' | 'hundred' | 'volumes';

export const WORK_TITLES: Readonly<Record<WorkName, string>> = {
  one: 'one snapshot, 8 fields',
  ten: 'list of 10, 6 fields',
  hundred: 'list of 100, 20 fields + restorations',
  volumes: 'list of 100 with their volumes',
};

/** Uuids that requests name. */
interface Subjects {
  readonly snapshots: readonly string[];
  readonly sourceVolumes: readonly string[];
  readonly projects: readonly string[];
}

const ONE_VARIANTS = 1_000;
const uuidIn = (address: string): string => address.split('/').at(-2) ?? '';
const stateOf = (label: string): string => label.toUpperCase().replaceAll(' ', '_');

const one = (row: SnapshotRow): object => ({
  uuid: row.uuid,
  name: row.name,
  description: row.description,
  state: stateOf(row.state),
  runtimeState: row.runtime_state,
  size: row.size,
  created: row.created,
  modified: row.modified,
});

const ofTen = (row: SnapshotRow): object => ({
  uuid: row.uuid,
  name: row.name,
  state: stateOf(row.state),
  runtimeState: row.runtime_state,
  size: row.size,
  created: row.created,
});

const ofHundred = (row: SnapshotRow): object => ({
  ...one(row),
  backendId: row.backend_id,
  errorMessage: row.error_message,
  action: row.action,
  keptUntil: row.kept_until,
  metadata: row.metadata,
  project: { uuid: row.project_uuid, name: row.project_name },
  customer: { uuid: row.customer_uuid ?? uuidIn(row.customer ?? ''), name: row.customer_name },
  serviceSettings: {
    uuid: row.service_settings_uuid,
    name: row.service_name,
    state: stateOf(row.service_settings_state ?? ''),
  },
  restorations: row.restorations.map((restoration) => ({
    uuid: restoration.uuid,
    created: restoration.created,
    volume: {
      uuid: uuidIn(restoration.volume),
      name: restoration.volume_name,
      state: stateOf(restoration.volume_state),
      size: restoration.volume_size,
    },
  })),
});

/** How a program without GraphQL would write these answers. */
export const SHAPES = { one, ten: ofTen, hundred: ofHundred } as const;

const volumesByUrl = new WeakMap<World, ReadonlyMap<string, VolumeRow>>();

/** The volume that a snapshot was made from; null when it has none. */
export function sourceOf(world: World, { source_volume: address }: SnapshotRow): VolumeRow | null {
  const known = volumesByUrl.get(world) ?? new Map(world.volumes.map((row) => [row.url, row]));
  volumesByUrl.set(world, known);
  return (address && known.get(address)) || null;
}

function withVolume(world: World, row: SnapshotRow): object {
  const volume = sourceOf(world, row);
  return {
    uuid: row.uuid,
    name: row.name,
    sourceVolume: volume && {
      uuid: volume.uuid,
      name: volume.name,
      state: stateOf(volume.state),
      size: volume.size,
      type: volume.type ? { name: volume.type_name } : null,
    },
  };
}

/** A page of 100 snapshots of a project: each project has two of them. */
interface Page {
  readonly project: string;
  readonly offset: number;
}

const HUNDRED = 100;
const PAGES_OF_PROJECT = SNAPSHOTS_OF_PROJECT / HUNDRED;

const made = new Map<RowSet, readonly Work[]>();

/** The works over the world with these rows, the same for all servers. */
export function worksOf(rows: RowSet): readonly Work[] {
  const works = made.get(rows) ?? makeWorks(makeWorld(rows));
  made.set(rows, works);
  return works;
}

function makeWorks(world: World): readonly Work[] {
  const { snapshots } = world;
  const subjects = subjectsOf(world);
  const page = (variant: number): Page => ({
    project: subjects.projects[Math.floor(variant / PAGES_OF_PROJECT)] ?? '',
    offset: (variant % PAGES_OF_PROJECT) * HUNDRED,
  });
  const pages = subjects.projects.length * PAGES_OF_PROJECT;
  const pageVariables = (variant: number): object => {
    const { project, offset } = page(variant);
    return { filter: { projectUuid: project }, offset };
  };
  const pagePath = (variant: number): string => {
    const { project, offset } = page(variant);
    return `/api/openstack-snapshots/?page=${offset / HUNDRED + 1}&page_size=100&project_uuid=${project}`;
  };
  const pageRows = (variant: number): readonly SnapshotRow[] => {
    const { project, offset } = page(variant);
    return snapshots.filter((row) => row.project_uuid === project).slice(offset, offset + HUNDRED);
  };
  const oneRow = (variant: number): readonly SnapshotRow[] =>
    snapshots.filter(({ uuid }) => uuid === subjects.snapshots[variant]);
  const volumeOf = (variant: number): string => subjects.sourceVolumes[variant] ?? '';
  const tenRows = (variant: number): readonly SnapshotRow[] =>
    snapshots.filter(({ source_volume: address }) => address?.endsWith(`/${volumeOf(variant)}/`)).slice(0, 10);
  const nodes = (rows: readonly object[]): object => ({ snapshots: { nodes: rows } });

  const works: readonly Omit<Work, 'world'>[] = [
    {
      name: 'one',
      title: WORK_TITLES.one,
      document: `query One($uuid: UUID!) {
  snapshot(uuid: $uuid) { uuid name description state runtimeState size created modified }
}`,
      variants: subjects.snapshots.length,
      variables: (variant) => ({ uuid: subjects.snapshots[variant] }),
      rest: {
        path: (variant) => `/api/openstack-snapshots/${subjects.snapshots[variant]}/`,
        fields: ['uuid', 'name', 'description', 'state', 'runtime_state', 'size', 'created', 'modified'],
      },
      rows: oneRow,
      data: (variant) => ({ snapshot: oneRow(variant).map(one)[0] }),
    },
    {
      name: 'ten',
      title: WORK_TITLES.ten,
      document: `query Ten($filter: SnapshotFilter) {
  snapshots(first: 10, filter: $filter) { nodes { uuid name state runtimeState size created } }
}`,
      variants: subjects.sourceVolumes.length,
      variables: (variant) => ({ filter: { sourceVolumeUuid: volumeOf(variant) } }),
      rest: {
        path: (variant) => `/api/openstack-snapshots/?page_size=10&source_volume_uuid=${volumeOf(variant)}`,
        fields: ['uuid', 'name', 'state', 'runtime_state', 'size', 'created'],
      },
      rows: tenRows,
      data: (variant) => nodes(tenRows(variant).map(ofTen)),
    },
    {
      name: 'hundred',
      title: WORK_TITLES.hundred,
      document: `query Hundred($filter: SnapshotFilter, $offset: Int) {
  snapshots(first: 100, offset: $offset, filter: $filter) {
    nodes {
      uuid name description state runtimeState size created modified backendId errorMessage action keptUntil metadata
      project { uuid name }
      customer { uuid name }
      serviceSettings { uuid name state }
      restorations { uuid created volume { uuid name state size } }
    }
  }
}`,
      variants: pages,
      variables: pageVariables,
      rest: {
        path: pagePath,
        fields: [
          ...['uuid', 'name', 'description', 'state', 'runtime_state', 'size', 'created', 'modified', 'backend_id'],
          ...['error_message', 'action', 'kept_until', 'metadata', 'project_uuid', 'project_name'],
          ...[world.rows === '2024' ? 'customer' : 'customer_uuid', 'customer_name', 'service_settings_uuid'],
          ...['service_name', 'service_settings_state', 'restorations'],
        ],
      },
      rows: pageRows,
      data: (variant) => nodes(pageRows(variant).map(ofHundred)),
    },
    {
      name: 'volumes',
      title: WORK_TITLES.volumes,
      document: `query Volumes($filter: SnapshotFilter, $offset: Int) {
  snapshots(first: 100, offset: $offset, filter: $filter) {
    nodes { uuid name sourceVolume { uuid name state size type { name } } }
  }
}`,
      variants: pages,
      variables: pageVariables,
      // The list alone: REST has no answer that holds the volumes too.
      rest: { path: pagePath, fields: ['uuid', 'name', 'source_volume', 'source_volume_name'] },
      rows: pageRows,
      data: (variant) => nodes(pageRows(variant).map((row) => withVolume(world, row))),
    },
  ];
  return works.map((work) => ({ ...work, world }));
}

function subjectsOf({ snapshots, volumes }: World): Subjects {
  // Spread over all projects.
  const step = Math.floor(snapshots.length / ONE_VARIANTS);
  return {
    snapshots: snapshots.filter((_, index) => index % step === 0).map(({ uuid }) => uuid),
    sourceVolumes: volumes.filter(({ source_snapshot: origin }) => !origin).map(({ uuid }) => uuid),
    projects: [...new Set(snapshots.map(({ project_uuid: project }) => project ?? ''))],
  };
}
