/** Names of the made-up world. Sizes are shares, so that any number of snapshots can be distributed. */

export interface CustomerPlan {
  name: string;
  native_name: string;
  abbreviation: string;
  access_subnets: readonly string[];
}

export interface TenantPlan {
  name: string;
  /** Index into SETTINGS. */
  settings: number;
  /** Part of all snapshots that lie here. */
  share: number;
  instances: number;
  /** Volumes that are attached to nothing. */
  freeVolumes: number;
  /** Limit of the quota `snapshots_size`, MiB; -1: none. Too small for any snapshot in the one tenant that has none. */
  snapshotsSizeLimit?: number;
}

export interface ProjectPlan {
  /** Index into CUSTOMERS. */
  customer: number;
  name: string;
  description: string;
  tenants: readonly TenantPlan[];
}

export const SETTINGS = [
  { name: 'Tartu OpenStack', state: 'OK', error_message: '' },
  { name: 'Tallinn OpenStack', state: 'OK', error_message: '' },
  {
    name: 'Narva OpenStack',
    state: 'ERRED',
    error_message: 'Unable to establish connection to keystone.narva.invalid:5000',
  },
] as const;

export const CUSTOMERS: readonly CustomerPlan[] = [
  { name: 'Institute of Biology', native_name: 'Bioloogia instituut', abbreviation: 'IB', access_subnets: [] },
  { name: 'Weather Service', native_name: 'Ilmateenistus', abbreviation: 'WS', access_subnets: [] },
  { name: 'University Library', native_name: 'Ülikooli raamatukogu', abbreviation: 'UL', access_subnets: [] },
  // Seen by staff and support only, unless the caller comes from this network (contract 2.1).
  { name: 'Forensics Laboratory', native_name: '', abbreviation: 'FL', access_subnets: ['203.0.113.0/24'] },
];

/** The first one is the largest: name order and creation order agree on it. */
export const PROJECTS: readonly ProjectPlan[] = [
  {
    customer: 0,
    name: 'Ancient genomes',
    description: 'Sequencing of finds from the Baltic region',
    tenants: [{ name: 'ancient-genomes', settings: 0, share: 0.64, instances: 34, freeVolumes: 14 }],
  },
  {
    customer: 0,
    name: 'Genome browser',
    description: 'Public web site',
    tenants: [
      { name: 'genome-browser', settings: 0, share: 0.08, instances: 5, freeVolumes: 2 },
      { name: 'genome-browser-test', settings: 1, share: 0.04, instances: 2, freeVolumes: 1 },
    ],
  },
  {
    customer: 0,
    name: 'Proteomics',
    description: '',
    tenants: [{ name: 'proteomics', settings: 1, share: 0.05, instances: 3, freeVolumes: 2 }],
  },
  {
    customer: 1,
    name: 'Climate archive',
    description: 'Observations since 1866',
    tenants: [{ name: 'climate-archive', settings: 0, share: 0.07, instances: 4, freeVolumes: 3 }],
  },
  {
    customer: 1,
    name: 'Forecast',
    description: 'Runs every six hours',
    tenants: [{ name: 'forecast', settings: 1, share: 0.05, instances: 4, freeVolumes: 1 }],
  },
  {
    customer: 2,
    name: 'Digital collections',
    description: '',
    tenants: [{ name: 'collections', settings: 0, share: 0.03, instances: 2, freeVolumes: 1 }],
  },
  {
    customer: 2,
    name: 'Sandbox',
    description: 'For trying things out; its quota is too small for a snapshot',
    tenants: [{ name: 'sandbox', settings: 2, share: 0, instances: 1, freeVolumes: 1, snapshotsSizeLimit: 1024 }],
  },
  {
    customer: 3,
    name: 'Case images',
    description: '',
    tenants: [{ name: 'case-images', settings: 1, share: 0.04, instances: 2, freeVolumes: 1 }],
  },
];

/** Words for the projects of a world above the usual size; none sorts before the first planned project. */
export const MORE_TOWNS = [
  'Haapsalu',
  'Kuressaare',
  'Narva',
  'Pärnu',
  'Rakvere',
  'Tallinn',
  'Tartu',
  'Viljandi',
  'Võru',
];
export const MORE_PROJECTS = [
  'Forest inventory',
  'Language corpora',
  'Mobility study',
  'Ocean survey',
  'Radio telescope',
  'Seismic archive',
  'Star catalogue',
  'Traffic model',
  'Wind atlas',
];

/** What machines are for: the name of the instance and of its data volumes. */
export const MACHINES: readonly { name: string; data: readonly string[] }[] = [
  { name: 'db', data: ['db-data', 'db-wal'] },
  { name: 'web', data: ['uploads', 'web-logs'] },
  { name: 'search', data: ['search-index', 'search-queue'] },
  { name: 'worker', data: ['scratch', 'results'] },
  { name: 'mirror', data: ['reads', 'assemblies'] },
  { name: 'git', data: ['repositories', 'artifacts'] },
  { name: 'metrics', data: ['prometheus-data', 'loki-data'] },
];

export const FREE_VOLUMES = ['archive', 'staging', 'old-home', 'transfer', 'reference-data', 'spare'];

/** GiB. */
export const DATA_SIZES = [20, 50, 100, 100, 200, 500, 1000];

export const IMAGES = [
  { name: 'Ubuntu 24.04', min_disk: 10 * 1024 },
  { name: 'Debian 13', min_disk: 10 * 1024 },
  { name: 'Rocky Linux 9', min_disk: 20 * 1024 },
] as const;

export const VOLUME_TYPES = [
  { name: 'ssd', description: 'Solid state, three copies' },
  { name: 'hdd', description: 'Spinning disks, for archives' },
  { name: 'nvme', description: 'Local speed, one copy' },
] as const;

/** Snapshots made by hand: what is added to the name of the volume, and why. The rest is made nightly. */
export const BY_HAND = [
  { suffix: 'before-upgrade', description: 'Before the upgrade to PostgreSQL 18' },
  { suffix: 'snapshot', description: '' },
  { suffix: 'before-cleanup', description: 'Taken by hand before the old runs were removed' },
  { suffix: 'paper-freeze', description: 'The state that the paper refers to, do not delete' },
  { suffix: 'pre-migration', description: 'Before moving to the new tenant' },
] as const;

export interface UserPlan {
  username: string;
  first_name: string;
  last_name: string;
  is_staff?: boolean;
  is_support?: boolean;
  /** Role and the index of the customer or project that it is in. */
  roles: readonly { role: string; customer?: number; project?: number }[];
}

/** One user for each role first, in this order; then some more. */
export const USERS: readonly UserPlan[] = [
  { username: 'staff', first_name: 'Stella', last_name: 'Saar', is_staff: true, roles: [] },
  { username: 'support', first_name: 'Sulev', last_name: 'Soosaar', is_support: true, roles: [] },
  { username: 'owner', first_name: 'Olga', last_name: 'Orav', roles: [{ role: 'CUSTOMER.OWNER', customer: 0 }] },
  { username: 'manager', first_name: 'Mart', last_name: 'Mets', roles: [{ role: 'PROJECT.MANAGER', project: 0 }] },
  { username: 'admin', first_name: 'Anu', last_name: 'Allik', roles: [{ role: 'PROJECT.ADMIN', project: 0 }] },
  { username: 'member', first_name: 'Meelis', last_name: 'Mägi', roles: [{ role: 'PROJECT.MEMBER', project: 0 }] },
  { username: 'stranger', first_name: 'Siim', last_name: 'Sepp', roles: [] },
  {
    username: 'weather-owner',
    first_name: 'Ilmar',
    last_name: 'Ilves',
    roles: [{ role: 'CUSTOMER.OWNER', customer: 1 }],
  },
  {
    username: 'both',
    first_name: 'Berit',
    last_name: 'Berg',
    roles: [
      { role: 'PROJECT.MEMBER', project: 1 },
      { role: 'PROJECT.ADMIN', project: 4 },
    ],
  },
  { username: 'helpdesk', first_name: 'Helve', last_name: 'Hein', roles: [{ role: 'CUSTOMER.SUPPORT', customer: 0 }] },
  {
    username: 'forensics-owner',
    first_name: 'Fred',
    last_name: 'Fuchs',
    roles: [{ role: 'CUSTOMER.OWNER', customer: 3 }],
  },
];
