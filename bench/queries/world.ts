import { createHash } from 'node:crypto';
import type { components } from '../../src/waldur/rest.generated.ts';
import { seeded } from '../lib/statistics.ts';

/**
 * What every server is asked about: 5,000 snapshots of 500 volumes in 25 projects. Each snapshot was restored 0 to 3 times, and each
 * restoration made a further volume. Rows are whole, and hold what a real Waldur sends: metadata, nulls, tracebacks and names in
 * several scripts, as in test/recordings.
 */
export interface World {
  readonly rows: RowSet;
  readonly snapshots: readonly SnapshotRow[];
  readonly volumes: readonly VolumeRow[];
  /** What `GET /users/me/` answers. */
  readonly me: object;
}

/**
 * Keys of a row and labels of states, by the year of the Waldur that sends them. In `2026-ascii` all names are English: one character outside
 * Latin-1 makes V8 hold a whole answer in two bytes a character, which costs every server that parses it.
 */
export type RowSet = '2024' | '2026' | '2026-ascii';

export type SnapshotRow = components['schemas']['Snapshot'];
export type VolumeRow = components['schemas']['Volume'];
type RestorationRow = components['schemas']['Restoration'];
type ResourceRow = components['schemas']['Resource'];

const PROJECTS = 25;
const VOLUMES_OF_PROJECT = 20;
export const SNAPSHOTS_OF_PROJECT = 200;
const PROJECTS_OF_CUSTOMER = 5;
/** How many times a snapshot was restored: one of these, so one time on average. */
const RESTORED = [0, 0, 0, 0, 1, 1, 1, 2, 2, 3];

const HOST = 'https://waldur.example.org';
const SETTINGS = hex('settings');

/** What people typed. */
interface Texts {
  readonly names: readonly string[];
  readonly descriptions: readonly string[];
  readonly projects: readonly string[];
  readonly customers: readonly { readonly name: string; readonly native: string; readonly abbreviation: string }[];
  readonly metadata: readonly object[];
}

const NAMES = [
  'db-data',
  'web',
  'otsing',
  'Ülikooli arhiiv',
  'Köide — 卷 💾',
  'données "brutes"',
  'mail & spool',
  'журнал',
];
const DESCRIPTIONS = [
  ...['', '', 'Nightly', 'naïve & "quoted" \\ text', 'Before the upgrade,\nkeep until it has been checked — 見直し'],
];
const PROJECT_NAMES = ['Genome browser', 'Kliimaarhiiv', 'Collections numérisées', 'Proteomics', 'Прогноз погоды'];
const CUSTOMERS = [
  { name: 'Institute of Biology', native: 'Bioloogia instituut', abbreviation: 'IB' },
  { name: 'University Library', native: 'Ülikooli raamatukogu', abbreviation: 'ÜR' },
  { name: 'Weather Service', native: '', abbreviation: '' },
];
const METADATA: readonly object[] = [
  {},
  {},
  { created_by: 'nightly', schedule: '0 3 * * *' },
  { origin: 'cinder', host: 'compute-7@lvm#ssd', labels: { ümbris: 'külm', tier: 2 }, replicas: [1, 2], kept: null },
];
const TYPED: Texts = {
  names: NAMES,
  descriptions: DESCRIPTIONS,
  projects: PROJECT_NAMES,
  customers: CUSTOMERS,
  metadata: METADATA,
};
/** As many of each, so that the same choices are made. */
const TYPED_IN_ASCII: Texts = {
  names: ['db-data', 'web', 'search', 'University archive', 'Volume - disk', 'raw "data"', 'mail & spool', 'journal'],
  descriptions: ['', '', 'Nightly', 'naive & "quoted" \\ text', 'Before the upgrade,\nkeep until it has been checked'],
  projects: ['Genome browser', 'Climate archive', 'Digital collections', 'Proteomics', 'Weather forecast'],
  customers: [
    { name: 'Institute of Biology', native: 'Institute of Biology', abbreviation: 'IB' },
    { name: 'University Library', native: 'University Library', abbreviation: 'UL' },
    { name: 'Weather Service', native: '', abbreviation: '' },
  ],
  metadata: METADATA.map((each) => ('labels' in each ? { ...each, labels: { rim: 'cold', tier: 2 } } : each)),
};
const TRACEBACK = [
  'Traceback (most recent call last):',
  '  File "/usr/lib/python3/waldur_openstack/backend.py", line 1204, in create_snapshot',
  '    snapshot = cinder.volume_snapshots.create(volume.backend_id, **kwargs)',
  'cinderclient.exceptions.OverLimit: Snapshot limit exceeded (HTTP 413)',
  '',
].join('\n');

/** The value at an index, which goes on from the start when it is beyond the end. */
function at<T>(values: readonly T[], index: number): T {
  return values[index % values.length] as T;
}

function hex(name: string): string {
  return createHash('md5').update(name).digest('hex');
}

const addressOf = (path: string, uuid: string): string => `${HOST}/api/${path}/${uuid}/`;

/** The label that a Waldur of that year has for a state: `CREATING` was `Creating` in 2024, and `ERRED` `Erred`. */
const labelOf = (state: string): string =>
  state === 'OK'
    ? state
    : state.toLowerCase().replace(/(^|_)(\w)/g, (_, gap, letter) => (gap ? ' ' : '') + letter.toUpperCase());

/** Makes the world. The same row set gives the same world, so processes agree on it without telling each other. */
export function makeWorld(rows: RowSet): World {
  const maker = new Maker(rows === '2026-ascii' ? TYPED_IN_ASCII : TYPED);
  for (let project = 0; project < PROJECTS; project++) maker.addProject(project);
  const { snapshots, volumes } = maker;
  const me = {
    url: addressOf('users', hex('user')),
    uuid: hex('user'),
    username: 'alice',
    full_name: 'Alice Lebowski',
    email: 'alice@example.org',
    token: '0'.repeat(40),
    permissions: [],
  };
  if (rows !== '2024') return { rows, snapshots, volumes, me };
  return { rows, snapshots: snapshots.map(snapshotOf2024), volumes: volumes.map(volumeOf2024), me };
}

class Maker {
  readonly snapshots: SnapshotRow[] = [];
  readonly volumes: VolumeRow[] = [];
  readonly #random = seeded(20_251_203);
  readonly #typed: Texts;
  #minutes = 0;

  constructor(typed: Texts) {
    this.#typed = typed;
  }

  addProject(project: number): void {
    const sources = Array.from({ length: VOLUMES_OF_PROJECT }, (_, index) => {
      const name = `${this.#pick(this.#typed.names)}-${project}-${index}`;
      return this.#volume(project, hex(`volume ${project} ${index}`), name, 1024 * (10 + index), null);
    });
    this.volumes.push(...sources);
    for (let index = 0; index < SNAPSHOTS_OF_PROJECT; index++) {
      const source = sources[index % sources.length];
      if (source !== undefined) this.#addSnapshot(project, index, source);
    }
  }

  #addSnapshot(project: number, index: number, source: VolumeRow): void {
    const uuid = hex(`snapshot ${project} ${index}`);
    const row: SnapshotRow = {
      url: addressOf('openstack-snapshots', uuid),
      ...this.#resource(project, uuid, `${source.name}-${String(index).padStart(3, '0')}`),
      resource_type: 'OpenStack.Snapshot',
      // A volume that was deleted leaves its snapshots without a source.
      ...(index % 50 === 30
        ? { source_volume: null }
        : {
            source_volume: source.url,
            source_volume_name: source.name,
            source_volume_marketplace_uuid: source.marketplace_resource_uuid,
          }),
      size: source.size,
      restorations: [],
      kept_until: this.#pick([null, null, this.#time(60 * 24 * 365)]),
      ...MARKETPLACE_OF_NONE,
      backups: index % 25 === 7 ? [{ uuid: hex(`backup ${uuid}`), name: `${source.name}-backup` }] : [],
    };
    this.snapshots.push(row);
    const times = this.#pick(RESTORED);
    for (let time = 0; time < times; time++) row.restorations.push(this.#restored(project, row, time));
  }

  #restored(project: number, snapshot: SnapshotRow, time: number): RestorationRow {
    const uuid = hex(`volume ${time} of ${snapshot.uuid}`);
    const made = this.#volume(project, uuid, `${snapshot.name}-restored-${time + 1}`, snapshot.size, snapshot.url);
    this.volumes.push(made);
    return {
      uuid: hex(`restoration ${time} of ${snapshot.uuid}`),
      created: this.#time(),
      volume: made.url,
      volume_name: made.name,
      volume_state: made.state,
      volume_runtime_state: made.runtime_state,
      volume_size: made.size,
      volume_device: made.device ?? '',
    };
  }

  #volume(project: number, uuid: string, name: string, size: number, source: string | null): VolumeRow {
    const instance = source === null ? hex(`instance of ${uuid}`) : undefined;
    const tenant = hex(`tenant ${project}`);
    return {
      url: addressOf('openstack-volumes', uuid),
      ...this.#resource(project, uuid, name),
      resource_type: 'OpenStack.Volume',
      source_snapshot: source,
      size,
      bootable: false,
      image: null,
      image_metadata: '',
      image_name: '',
      ...(this.#random() < 0.2
        ? { type: null }
        : { type: addressOf('openstack-volume-types', hex('ssd')), type_name: 'ssd' }),
      availability_zone: null,
      device: instance ? '/dev/vdb' : '',
      instance: instance ? addressOf('openstack-instances', instance) : null,
      ...(instance && { instance_name: `${name}-server`, instance_marketplace_uuid: hex(`resource of ${instance}`) }),
      tenant: addressOf('openstack-tenants', tenant),
      tenant_uuid: tenant,
      extend_enabled: true,
      marketplace_offering_uuid: hex('offering'),
      marketplace_offering_name: 'Volume in genome-tenant',
      marketplace_offering_plugin_options: {},
      marketplace_category_uuid: hex('category'),
      marketplace_category_name: 'Volumes',
      marketplace_resource_uuid: hex(`resource of ${uuid}`),
      marketplace_plan_uuid: null,
      marketplace_resource_state: 'OK',
      is_usage_based: false,
      is_limit_based: false,
    };
  }

  #resource(project: number, uuid: string, name: string) {
    const state = this.#pick(['ERRED', 'UPDATING', ...Array<'OK'>(30).fill('OK')] as const);
    const isErred = state === 'ERRED';
    const customer = Math.floor(project / PROJECTS_OF_CUSTOMER);
    const { projects, customers } = this.#typed;
    const { name: customerName, native, abbreviation } = at(customers, customer);
    return {
      uuid,
      name,
      description: this.#pick(this.#typed.descriptions),
      service_name: 'Tartu OpenStack',
      service_settings: addressOf('service-settings', SETTINGS),
      service_settings_uuid: SETTINGS,
      service_settings_state: 'OK',
      service_settings_error_message: '',
      project: addressOf('projects', hex(`project ${project}`)),
      project_name: `${at(projects, project)} ${project}`,
      project_uuid: hex(`project ${project}`),
      customer: addressOf('customers', hex(`customer ${customer}`)),
      customer_uuid: hex(`customer ${customer}`),
      customer_name: customerName,
      customer_native_name: native,
      customer_abbreviation: abbreviation,
      error_message: isErred ? 'Snapshot limit exceeded (HTTP 413)' : '',
      error_traceback: isErred ? TRACEBACK : '',
      state,
      created: this.#time(),
      modified: this.#time(1),
      backend_id: isErred
        ? null
        : hex(`${uuid} in OpenStack`).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
      access_url: null,
      metadata: this.#pick(this.#typed.metadata),
      runtime_state: isErred ? 'error' : 'available',
      action: state === 'UPDATING' ? 'Pull' : '',
      action_details: state === 'UPDATING' ? { message: 'pull', step: 1 } : {},
    } satisfies Partial<ResourceRow>;
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)] as T;
  }

  /** A time with microseconds, as Django prints it; each is later than the last one. */
  #time(ahead = 0): string {
    this.#minutes += 3;
    const ms = Date.UTC(2025, 5, 3, 9, 14, 7) + (this.#minutes + ahead) * 60_000;
    return new Date(ms).toISOString().replace('000Z', `${String(Math.floor(this.#random() * 1e6)).padStart(6, '0')}Z`);
  }
}

/** Snapshots are no resources of the marketplace. */
const MARKETPLACE_OF_NONE = {
  marketplace_offering_uuid: null,
  marketplace_offering_name: null,
  marketplace_offering_plugin_options: null,
  marketplace_category_uuid: null,
  marketplace_category_name: null,
  marketplace_resource_uuid: null,
  marketplace_plan_uuid: null,
  marketplace_resource_state: null,
  is_usage_based: null,
  is_limit_based: null,
} as const;

/** The same rows as a Waldur of 2024 sends them. */
function snapshotOf2024({ customer_uuid, backups, ...row }: SnapshotRow): SnapshotRow {
  const restorations = row.restorations.map((each) => ({ ...each, volume_state: labelOf(each.volume_state) }));
  return { ...row, state: labelOf(row.state), restorations, snapshot_schedule: null } as SnapshotRow;
}

function volumeOf2024({ customer_uuid, extend_enabled, ...row }: VolumeRow): VolumeRow {
  return { ...row, state: labelOf(row.state) } as VolumeRow;
}
