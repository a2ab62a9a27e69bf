import { randomBytes } from 'node:crypto';
import { parseState } from '../src/domain/states.ts';
import { EventLog } from './event-log.ts';
import type {
  Dataset,
  Json,
  JsonObject,
  Resource,
  Restoration,
  Row,
  Snapshot,
  Tables,
  Tenant,
  Timestamp,
  User,
  Uuid,
  Volume,
  WorldClock,
} from './model.ts';

/** Amounts by the name of the quota. The quota of a volume type is `gigabytes_<type>`, in GiB. */
export type Amounts = Readonly<Record<string, number>>;

/** A quota that a change would exceed. */
export interface Excess {
  readonly name: string;
  readonly limit: number;
  readonly required: number;
}

const TABLE_NAMES = [
  'users',
  'customers',
  'projects',
  'service_settings',
  'tenants',
  'volume_types',
  'volume_availability_zones',
  'images',
  'instances',
  'volumes',
  'snapshot_schedules',
  'snapshots',
  'backups',
  'restorations',
] as const satisfies readonly (keyof Tables)[];

const emptyTables = (): Tables => ({
  users: new Map(),
  customers: new Map(),
  projects: new Map(),
  service_settings: new Map(),
  tenants: new Map(),
  volume_types: new Map(),
  volume_availability_zones: new Map(),
  images: new Map(),
  instances: new Map(),
  volumes: new Map(),
  snapshot_schedules: new Map(),
  snapshots: new Map(),
  backups: new Map(),
  restorations: new Map(),
});

/** The database: rows by uuid, generated keys and times, and cascading deletes. */
export class World {
  readonly tables: Tables = emptyTables();
  /** Called for each removed row, including cascading deletes. */
  onRemove: (uuid: Uuid) => void = () => {};
  /** The action or method of the last write, rejected or not. */
  lastWrite = '';
  readonly events: EventLog;
  readonly #clock: WorldClock;
  #users = new Map<string, User>();
  #restorationsOf = new Map<Uuid, Set<Uuid>>();
  #lastSeq = 0;
  #lastMicros = 0;

  constructor(clock: WorldClock) {
    this.#clock = clock;
    this.events = new EventLog(this.tables, () => this.now());
  }

  /** Replaces all rows. States may have either spelling. @throws if the state or key of a row is invalid. */
  load(dataset: Dataset): void {
    for (const table of TABLE_NAMES) this.tables[table].clear();
    for (const table of TABLE_NAMES) {
      for (const given of dataset[table] ?? []) this.#put(table, readRow(given));
    }
    this.#users = new Map();
    this.#restorationsOf = new Map();
    this.#lastSeq = 0;
    this.lastWrite = '';
    this.events.clear();
    for (const user of this.tables.users.values()) if (user.token !== null) this.#users.set(user.token, user);
    for (const { uuid, snapshot_uuid } of this.tables.restorations.values())
      this.#indexRestoration(snapshot_uuid, uuid);
    for (const table of TABLE_NAMES) {
      for (const row of this.tables[table].values()) {
        if ('seq' in row) this.#lastSeq = Math.max(this.#lastSeq, row.seq);
      }
    }
  }

  /** Adds a row of any table. */
  insert<Table extends keyof Tables>(table: Table, row: Tables[Table] extends Map<string, infer R> ? R : never): void {
    this.#put(table, row);
    const restoration = table === 'restorations' ? (row as Restoration) : undefined;
    if (restoration !== undefined) this.#indexRestoration(restoration.snapshot_uuid, restoration.uuid);
  }

  /** Changes columns of a row in place. */
  update<R extends Row>(row: R, columns: Partial<R> | JsonObject): void {
    Object.assign(row, columns);
  }

  /** Sets `modified` to the current time. */
  touch(row: Resource): void {
    row.modified = this.now();
  }

  /**
   * Removes a row with cascading deletes (contract 2.5, 2.7). A snapshot takes its restorations with it, and its restored volumes
   * lose their reference. A volume takes its snapshots and its own restoration with it.
   */
  remove(table: 'snapshots' | 'volumes', uuid: Uuid): void {
    if (table === 'snapshots') this.#removeSnapshot(uuid);
    else this.#removeVolume(uuid);
  }

  /** The snapshots of a volume, oldest first. */
  snapshotsOf(volume: Uuid): Snapshot[] {
    return [...this.tables.snapshots.values()]
      .filter((snapshot) => snapshot.source_volume_uuid === volume)
      .sort((a, b) => a.seq - b.seq);
  }

  #removeSnapshot(uuid: Uuid): void {
    if (!this.tables.snapshots.delete(uuid)) return;
    for (const restoration of this.#restorationsOf.get(uuid) ?? []) this.tables.restorations.delete(restoration);
    this.#restorationsOf.delete(uuid);
    for (const volume of this.tables.volumes.values()) {
      if (volume.source_snapshot_uuid === uuid) volume.source_snapshot_uuid = null;
    }
    this.onRemove(uuid);
  }

  #removeVolume(uuid: Uuid): void {
    if (!this.tables.volumes.delete(uuid)) return;
    for (const snapshot of this.snapshotsOf(uuid)) this.#removeSnapshot(snapshot.uuid);
    for (const restoration of [...this.tables.restorations.values()]) {
      if (restoration.volume_uuid !== uuid) continue;
      this.tables.restorations.delete(restoration.uuid);
      this.#restorationsOf.get(restoration.snapshot_uuid)?.delete(restoration.uuid);
    }
    this.onRemove(uuid);
  }

  /** Uuids of the restorations of a snapshot, oldest first. */
  restorationsOf(snapshotUuid: Uuid): Iterable<Uuid> {
    return this.#restorationsOf.get(snapshotUuid) ?? [];
  }

  userByToken(token: string): User | undefined {
    return this.#users.get(token);
  }

  /** Sets the token of a user with the current time. Null removes it. */
  setToken(user: User, token: string | null): void {
    if (user.token !== null) this.#users.delete(user.token);
    user.token = token;
    user.token_created = token === null ? null : this.now();
    if (token !== null) this.#users.set(token, user);
  }

  /** The number of objects of one provider that OpenStack is creating. */
  countCreating(kind: 'snapshot' | 'volume', settingsUuid: Uuid): number {
    const rows: Iterable<Snapshot | Volume> =
      kind === 'snapshot' ? this.tables.snapshots.values() : this.tables.volumes.values();
    let count = 0;
    for (const row of rows) if (row.state === 'CREATING' && row.service_settings_uuid === settingsUuid) count++;
    return count;
  }

  /** The first quota of a tenant that would be exceeded, in the given order. The database also checks them one by one. */
  excess(tenantUuid: Uuid, amounts: Amounts): Excess | undefined {
    const tenant = this.#tenant(tenantUuid);
    for (const [name, amount] of Object.entries(amounts)) {
      const limit = tenant.quota_limits[name] ?? -1;
      const required = (tenant.quota_usages[name] ?? 0) + amount;
      if (limit !== -1 && amount > 0 && required > limit) return { name, limit, required };
    }
    return undefined;
  }

  /** Adds to the usage of a tenant. */
  addUsage(tenantUuid: Uuid, amounts: Amounts): void {
    const { quota_usages } = this.#tenant(tenantUuid);
    for (const [name, amount] of Object.entries(amounts)) quota_usages[name] = (quota_usages[name] ?? 0) + amount;
  }

  /** The current time in Waldur's format. Two calls never return the same time, so sorting by time gives the order of events. */
  now(): Timestamp {
    this.#lastMicros = Math.max(this.#lastMicros + 1, this.#clock.now() * 1000);
    const ms = Math.floor(this.#lastMicros / 1000);
    const micros = String(this.#lastMicros % 1000).padStart(3, '0');
    const text = `${new Date(ms).toISOString().slice(0, -1)}${micros}Z`;
    return text.replace('.000000Z', 'Z');
  }

  nextSeq(): number {
    this.#lastSeq += 1;
    return this.#lastSeq;
  }

  newUuid(): Uuid {
    return randomBytes(16).toString('hex');
  }

  #put(table: keyof Tables, row: unknown): void {
    const rows = this.tables[table] as Map<string, unknown>;
    rows.set((row as { uuid: Uuid }).uuid, row);
  }

  #indexRestoration(snapshotUuid: Uuid, uuid: Uuid): void {
    const known = this.#restorationsOf.get(snapshotUuid);
    if (known === undefined) this.#restorationsOf.set(snapshotUuid, new Set([uuid]));
    else known.add(uuid);
  }

  #tenant(uuid: Uuid): Tenant {
    const tenant = this.tables.tenants.get(uuid);
    if (tenant === undefined) throw new Error(`the tenant ${uuid} does not exist`);
    return tenant;
  }
}

/** Copies a row, so that the world does not modify the dataset. */
function readRow(given: JsonObject): JsonObject {
  const row = copyOf(given);
  if (typeof row.uuid !== 'string') throw new TypeError('a row of the dataset has no uuid');
  if (typeof row.state !== 'string') return row;
  const state = parseState(row.state);
  if (state === undefined) throw new TypeError(`a row of the dataset has the unknown state ${row.state}`);
  row.state = state;
  return row;
}

/** A copy of JSON. `structuredClone` takes five times as long, and each test begins with a world as it was. */
function copyOf(given: JsonObject): JsonObject {
  const copy = { ...given };
  for (const key of Object.keys(copy)) {
    const value = copy[key];
    if (typeof value === 'object' && value !== null) copy[key] = copyOfPart(value);
  }
  return copy;
}

const copyOfPart = (value: Json): Json => {
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? value.map(copyOfPart) : copyOf(value);
};
