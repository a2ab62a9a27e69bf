import type { Position } from './cursor.ts';
import type { LogEntry } from './delta-log.ts';
import type { LiveStatus, SharedContent, SharedSnapshot } from './shared-log.ts';
import type { Tuning } from './tuning.ts';
import type { Clock, HeldRow, Random } from './types.ts';

/** `joining`: it is not known yet who polls. `alone`: the shared store cannot be used, so this replica polls for itself. */
export type Role = 'joining' | 'leading' | 'following' | 'alone';

/** What a membership needs of its informer. */
export interface Member {
  /** Newest position of its own log. */
  readonly position: Position;
  /** Whether it holds a state of the whole scope. */
  readonly isKnown: boolean;
  /** The oldest sequence that its own log still has. */
  readonly keepFrom: number;
  /** Whether subscribers select fields that the leader does not request yet. */
  readonly isIncomplete: boolean;
  readonly selected: readonly string[];
  holds(position: Position): boolean;
  entriesAfter(sequence: number): readonly LogEntry[];
  /** The present state; null before the whole scope has been read. */
  snapshot(): SharedSnapshot | null;
  status(): LiveStatus;
  /** Assigns further sequences in this epoch. */
  beginEpoch(epoch: string): void;
  /** Polls from now on. */
  poll(): void;
  /** Stops polling. */
  rest(): void;
  /** Applies the next entry of the leader. */
  relay(entry: LogEntry): void;
  /** Takes over the objects and fields of the leader at the present position. */
  refresh(snapshot: SharedSnapshot, rows: readonly HeldRow[]): void;
  /** Replaces the state by that of the leader. Subscribers start again with RESET. */
  replace(content: SharedContent & { readonly snapshot: SharedSnapshot }, rows: readonly HeldRow[]): void;
  /** The leader knows this. */
  follow(status: LiveStatus): void;
  /** A follower needs these fields. */
  request(fields: readonly string[]): void;
  /** A follower waits for a relist. */
  waitForRelist(id: number): void;
  /** The leader has read the scope since this logical time. */
  relisted(since: number): void;
  becameLeader(): void;
}

export interface MembershipTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly tuning: Tuning;
  /** Whether the shared store can be used, as far as is known. */
  readonly isUp: () => boolean;
}

/** Tells whether two snapshots have the same fields. */
export const namesOf = ({ fields }: Pick<SharedSnapshot, 'fields'>): string => JSON.stringify(fields);
/** Unique, also when leases are counted from the start again. */
export const epochName = (lease: number, random: Random): string =>
  `${Math.floor(lease).toString(36)}${Math.floor(random() * 2 ** 48).toString(36)}`;

/** Whether one snapshot has all fields of another: only then can entries that continue one continue the other. */
export function covers(one: SharedSnapshot | null, other: SharedSnapshot | null): boolean {
  const fields = new Set(one?.fields.map(([field]) => field));
  return other === null || other.fields.every(([field]) => fields.has(field));
}
