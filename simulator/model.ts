import type { State } from '../src/domain/states.ts';

/**
 * The rows of the embedded Waldur, named as in its database and in `recordings/dataset.json`, so that a dataset loads without
 * translation and the serialisers stay one line a field. States are held in the newer spelling; the front door translates.
 */

/** Hex uuid of a row, lower case without hyphens. */
export type Uuid = string;
/** UTC ISO 8601 with microseconds and `Z`, as Waldur prints it; the fraction is missing when it is zero. */
export type Timestamp = string;
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Row {
  uuid: Uuid;
  /** Primary key: the order of creation. */
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
  /** Seconds; null: never expires. */
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

/** What every OpenStack resource has. */
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

/** The dataset as JSON: each table an array, states in either spelling. */
export type Dataset = Record<keyof Tables, readonly JsonObject[]>;

/** Which Waldur is imitated: the recorded one of October 2024, or the 8.1 surface (contract section 7). */
export type Generation = '2024' | '2026';

/** Now, as the world sees it. Passed in, so that tests drive it. */
export interface WorldClock {
  /** Milliseconds since the epoch, in world time. */
  now(): number;
}

/**
 * What a write asks the worker to do. The front door sets the state that the answer shows, then calls one of these; what
 * follows happens in world time, never within the request.
 */
export interface Tasks {
  snapshotCreated(uuid: Uuid): void;
  volumeRestored(uuid: Uuid): void;
  /** `backend`: name or description changed, so that the cloud has to be told. */
  resourceUpdated(kind: 'snapshot' | 'volume', uuid: Uuid, backend: boolean): void;
  resourcePulled(kind: 'snapshot' | 'volume', uuid: Uuid): void;
  /** `wasErred`: a deletion that fails removes the row all the same (contract 2.5). */
  snapshotDeleted(uuid: Uuid, wasErred: boolean): void;
}

/** One request as it came in, after the body was read. */
export interface ApiRequest {
  method: string;
  /** Path and query as sent, not decoded. */
  target: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  /** Socket address of the client. */
  remoteAddress: string;
}

export interface ApiAnswer {
  status: number;
  headers: Record<string, string>;
  /** Empty string: no body. */
  body: string;
  /** What the answer would have cost the real server, for `--cost real` (contract 3.6). */
  work?: Work;
}

export interface Work {
  /** Whose token row the real server would lock meanwhile; null: nobody's. */
  userUuid: Uuid | null;
  rows: number;
  /** Names of the fields rendered in each row; null: every one. */
  fields: readonly string[] | null;
  kind: 'snapshot' | 'volume' | 'other';
}
