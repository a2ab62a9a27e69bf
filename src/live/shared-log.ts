import type { Position } from './cursor.ts';
import type { EpochRange, LogEntry } from './delta-log.ts';
import type { FieldTable } from './field-union.ts';
import type { HeldRow, Kind } from './types.ts';

/** What an informer needs of the store that replicas share; see docs/decisions/0026-replicas.md. Any call may fail at any time. */

/** The objects of an informer at one position of its log. */
export interface SharedSnapshot {
  readonly sequence: number;
  readonly ranges: readonly EpochRange[];
  readonly fields: FieldTable;
  readonly rows: readonly HeldRow[];
}

/** The content of a shared log at one moment. */
export interface SharedContent {
  readonly snapshot: SharedSnapshot | null;
  /** Contiguous, oldest first. */
  readonly entries: readonly LogEntry[];
}

/** What subscribers know beside the objects. */
export interface LiveStatus {
  /** What was sent may be out of date. */
  readonly stale: boolean;
  /** Waldur fails: queries would fail, too. */
  readonly failing: boolean;
  /** Waldur forbids the scope. */
  readonly forbidden: boolean;
  /** Time of the last successful response. */
  readonly answeredAt: number;
}

/** A sign of life of the leader. */
export interface Beat extends LiveStatus {
  /** The fencing epoch of its lease. Each lease has a larger one. */
  readonly lease: number;
  /** Grows with each beat of a lease. */
  readonly count: number;
  /** Newest position of its log. */
  readonly position: Position;
}

export type LogMessage =
  | { readonly kind: 'entries'; readonly lease: number; readonly entries: readonly LogEntry[] }
  | { readonly kind: 'beat'; readonly beat: Beat }
  /** A new snapshot was saved, with these fields. */
  | { readonly kind: 'snapshot'; readonly fields: FieldTable }
  /** The leader gave up its lease. */
  | { readonly kind: 'released' }
  /** A follower needs these fields. What was saved may be lost, or older than the log of the leader. */
  | { readonly kind: 'wanted'; readonly fields: readonly string[]; readonly isLost: boolean }
  /** A follower needs the present state, and not one from before this message. */
  | { readonly kind: 'relist'; readonly id: number }
  /** The scope has been read since these requests. */
  | { readonly kind: 'relisted'; readonly ids: readonly number[] };

export interface LogListener {
  heard(message: LogMessage): void;
  /** The shared store can be used again. Messages may have been missed. */
  connected(): void;
}

/** The log of one informer in the shared store. Calls take effect in their order. They reject when the store cannot be used. */
export interface SharedLog {
  /** Takes the lease when nobody or this replica holds it. @returns its fencing epoch; null when another replica holds it. */
  lead(): Promise<number | null>;
  load(): Promise<SharedContent>;
  /**
   * Adds entries, and sends them to the other replicas.
   * @param keepFrom older entries are dropped.
   * @returns false when the lease has been lost, or entries are missing before these: nothing was added.
   */
  append(lease: number, entries: readonly LogEntry[], keepFrom: number): Promise<boolean>;
  /** Saves a snapshot. @param anew whether it begins a new log. @returns false when the lease has been lost. */
  save(lease: number, snapshot: SharedSnapshot, anew: boolean): Promise<boolean>;
  /** Renews the lease. @returns false when it has been lost. */
  beat(beat: Beat): Promise<boolean>;
  /** Sends a message to the other replicas, after all earlier calls. It may be lost. */
  send(message: LogMessage): void;
  /** Gives up the lease, after all earlier calls. Never rejects. */
  release(lease: number): Promise<void>;
  /** Nothing is heard any more. */
  close(): void;
}

/** A write of a caller, on any replica. */
export interface SharedWrite {
  readonly kind: Kind;
  readonly uuid: string;
}

/** The replicas of a gateway that share one store. */
export interface Cluster {
  /** Whether the shared store can be used, as far as is known. */
  readonly isUp: boolean;
  /**
   * Opens the log of an informer.
   * @param scope what distinguishes it from others of the caller.
   * @returns null when nothing can be shared for this caller.
   */
  open(callerKey: string, scope: string, listener: LogListener): SharedLog | null;
  /** Receives the writes of a caller on other replicas. @returns null when nothing can be shared for this caller. */
  onWrite(callerKey: string, heard: (write: SharedWrite) => void): (() => void) | null;
  /** Tells the other replicas about a write. */
  wrote(callerKey: string, write: SharedWrite): void;
}

/** The snapshot, if the entries continue it. */
function completeSnapshot({ snapshot, entries }: SharedContent): SharedSnapshot | null {
  const [first, last] = [entries[0], entries.at(-1)];
  if (snapshot === null || first === undefined || last === undefined) return snapshot;
  return first.sequence <= snapshot.sequence + 1 && last.sequence >= snapshot.sequence ? snapshot : null;
}

/** The objects after all entries; null when the content is incomplete. */
export function presentRows(content: SharedContent): HeldRow[] | null {
  const snapshot = completeSnapshot(content);
  const { entries } = content;
  if (snapshot === null) return null;
  const rows = new Map(snapshot.rows.map((row) => [row.uuid, row]));
  for (const { sequence, delta } of entries) {
    if (sequence <= snapshot.sequence || delta === null) continue;
    if (delta.after === null) rows.delete(delta.uuid);
    else rows.set(delta.uuid, delta.after);
  }
  return [...rows.values()];
}

/** The newest position; null when the content is incomplete. */
export function headOf(content: SharedContent): Position | null {
  const snapshot = completeSnapshot(content);
  if (snapshot === null) return null;
  const last = content.entries.at(-1);
  if (last !== undefined && last.sequence > snapshot.sequence) return last;
  const { sequence, ranges } = snapshot;
  const epoch = ranges.findLast(({ from }) => from <= sequence)?.epoch;
  return epoch === undefined ? null : { epoch, sequence };
}

/** The entries after a position; null when it is not part of the content, or something after it is missing. */
export function entriesAfter(content: SharedContent, { epoch, sequence }: Position): readonly LogEntry[] | null {
  const { snapshot, entries } = content;
  const head = headOf(content);
  if (snapshot === null || head === null || sequence > head.sequence) return null;
  const entry = entries.find((each) => each.sequence === sequence);
  const range = snapshot.ranges.findLast(({ from }) => from <= sequence);
  const known = entry?.epoch ?? (sequence <= snapshot.sequence ? range?.epoch : undefined);
  if (known !== epoch) return null;
  const rest = entries.filter((each) => each.sequence > sequence);
  return rest.length === head.sequence - sequence ? rest : null;
}
