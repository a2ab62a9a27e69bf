import type { State } from '../src/domain/states.ts';

/**
 * The rows of the embedded Waldur. Names are those of Waldur's database and of `recordings/dataset.json`, so a dataset needs no
 * conversion. States are stored in the newer spelling; the API converts them.
 */

/** Uuid of a row: lower-case hex without hyphens. */
export type Uuid = string;
/** ISO 8601 in UTC with microseconds and `Z`. Like Waldur, it omits a fraction of zero. */
export type Timestamp = string;
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Row {
  uuid: Uuid;
  /** Primary key. It gives the order of creation. */
  seq: number;
}

export interface Role {
  uuid: Uuid;
  role: string;
  scope_type: 'customer' | 'project';
  scope_uuid: Uuid;
  created: Timestamp;
  expiration_time: Timestamp | null;
  is_active: boolean;
}

export interface User {
  uuid: Uuid;
  username: string;
  password: string;
  first_name: string;
  last_name: string;
  native_name: string;
  email: string;
  is_staff: boolean;
  is_support: boolean;
  is_active: boolean;
  token: string | null;
  token_created: Timestamp | null;
  /** In seconds. Null means that the token never expires. */
  token_lifetime: number | null;
  date_joined: Timestamp;
  roles: Role[];
}

export interface Customer extends Row {
  name: string;
  native_name: string;
  abbreviation: string;
  created: Timestamp;
  access_subnets: string[];
}

export interface Project extends Row {
  name: string;
  description: string;
  customer_uuid: Uuid;
  created: Timestamp;
}

export interface ServiceSettings extends Row {
  name: string;
  type: string;
  state: State;
  error_message: string;
  shared: boolean;
  backend_url: string;
}

/** The common columns of OpenStack resources. */
export interface Resource extends Row {
  name: string;
  description: string;
  state: State;
  backend_id: string | null;
  error_message: string;
  error_traceback: string;
  created: Timestamp;
  modified: Timestamp;
  project_uuid: Uuid;
  service_settings_uuid: Uuid;
}

export interface RuntimeResource extends Resource {
  runtime_state: string;
  action: string;
  action_details: JsonObject;
}

export interface Tenant extends RuntimeResource {
  quota_limits: Record<string, number>;
  quota_limit_rows: Record<string, number>;
  quota_usages: Record<string, number>;
}

export interface VolumeType extends Row {
  name: string;
  description: string;
  backend_id: string;
  settings_uuid: Uuid;
  tenant_uuids: Uuid[];
}

export interface AvailabilityZone extends Row {
  name: string;
  tenant_uuid: Uuid;
  settings_uuid: Uuid;
  available: boolean;
}

export interface Image extends Row {
  name: string;
  backend_id: string;
  settings_uuid: Uuid;
  min_disk: number;
}

export interface Instance extends RuntimeResource {
  tenant_uuid: Uuid;
  ram: number;
  cores: number;
}

export interface Volume extends RuntimeResource {
  tenant_uuid: Uuid;
  /** MiB. */
  size: number;
  bootable: boolean;
  device: string;
  metadata: Json;
  image_uuid: Uuid | null;
  image_name: string;
  image_metadata: Json;
  type_uuid: Uuid | null;
  availability_zone_uuid: Uuid | null;
  instance_uuid: Uuid | null;
  source_snapshot_uuid: Uuid | null;
}

export interface SnapshotSchedule extends Resource {
  tenant_uuid: Uuid;
  source_volume_uuid: Uuid;
}

export interface Snapshot extends RuntimeResource {
  tenant_uuid: Uuid;
  /** MiB. */
  size: number;
  metadata: Json;
  kept_until: Timestamp | null;
  source_volume_uuid: Uuid | null;
  snapshot_schedule_uuid: Uuid | null;
  backup_uuids: Uuid[];
}

export interface Backup extends Resource {
  tenant_uuid: Uuid;
  instance_uuid: Uuid;
}

export interface Restoration extends Row {
  created: Timestamp;
  modified: Timestamp;
  snapshot_uuid: Uuid;
  volume_uuid: Uuid;
}

export interface Tables {
  users: Map<Uuid, User>;
  customers: Map<Uuid, Customer>;
  projects: Map<Uuid, Project>;
  service_settings: Map<Uuid, ServiceSettings>;
  tenants: Map<Uuid, Tenant>;
  volume_types: Map<Uuid, VolumeType>;
  volume_availability_zones: Map<Uuid, AvailabilityZone>;
  images: Map<Uuid, Image>;
  instances: Map<Uuid, Instance>;
  volumes: Map<Uuid, Volume>;
  snapshot_schedules: Map<Uuid, SnapshotSchedule>;
  snapshots: Map<Uuid, Snapshot>;
  backups: Map<Uuid, Backup>;
  restorations: Map<Uuid, Restoration>;
}

/** A dataset as JSON. Each table is an array. States may have either spelling. */
export type Dataset = Record<keyof Tables, readonly JsonObject[]>;

/** The simulated version: the recorded one of October 2024, or the API of 8.1 (contract section 7). */
export type Generation = '2024' | '2026';

/** The clock of the world. It is a parameter so that tests can control it. */
export interface WorldClock {
  /** World time in milliseconds since the epoch. */
  now(): number;
  /** What waits are measured in, in milliseconds. */
  progress(): number;
}

/**
 * The tasks that a write gives to the worker. The API sets the state that the response contains and then calls one of these. The
 * task runs later in world time, never within the request.
 */
export interface Tasks {
  snapshotCreated(uuid: Uuid): void;
  volumeRestored(uuid: Uuid): void;
  /** `backend`: the name or description changed, so the cloud must be updated. */
  resourceUpdated(kind: 'snapshot' | 'volume', uuid: Uuid, backend: boolean): void;
  resourcePulled(kind: 'snapshot' | 'volume', uuid: Uuid): void;
  /** The request has changed the row; OpenStack follows. */
  volumeChanged(uuid: Uuid, change: VolumeChange): void;
  /** `wasErred`: the row is removed even if the deletion fails (contract 2.5). */
  snapshotDeleted(uuid: Uuid, wasErred: boolean): void;
}

/** Changes of volumes that OpenStack makes and Waldur waits for. */
export const VOLUME_CHANGE_NAMES = ['attach', 'detach', 'extend', 'retype'] as const;
export type VolumeChange = (typeof VOLUME_CHANGE_NAMES)[number];

/** A request with its complete body. */
export interface ApiRequest {
  method: string;
  /** Path and query, not decoded. */
  target: string;
  /** By lower-case name. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  /** Remote address of the connection. */
  remoteAddress: string;
}

export interface ApiAnswer {
  status: number;
  headers: Record<string, string>;
  /** An empty string means no body. */
  body: string;
  /** The cost of the response in the real server, for `--cost real` (contract 3.6). */
  work?: Work;
}

export interface Work {
  /** The lock that the real server would hold meanwhile. Null means none. */
  userUuid: Uuid | null;
  rows: number;
  /** Names of the fields rendered in each row. Null means all fields. */
  fields: readonly string[] | null;
  kind: 'snapshot' | 'volume' | 'other';
}
