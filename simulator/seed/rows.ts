import type { Tables } from '../model.ts';
import type { Random } from './random.ts';

/** Every table as a list, in the order of creation. */
export type Rows = { [Name in keyof Tables]: Tables[Name] extends Map<string, infer Row> ? Row[] : never };

export const emptyRows = (): Rows => ({
  users: [],
  customers: [],
  projects: [],
  service_settings: [],
  tenants: [],
  volume_types: [],
  volume_availability_zones: [],
  images: [],
  instances: [],
  volumes: [],
  snapshot_schedules: [],
  snapshots: [],
  backups: [],
  restorations: [],
});

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What all parts of the made-up world are built with. */
export interface Builder {
  readonly rows: Rows;
  readonly random: Random;
  /** World time at the start, milliseconds since the epoch. */
  readonly now: number;
}

/** A time as Waldur prints it, with microseconds that look like a database's. */
export const stampAt = (ms: number, random: Random): string =>
  `${new Date(ms).toISOString().slice(0, -1)}${String(random.int(1, 999)).padStart(3, '0')}Z`;
