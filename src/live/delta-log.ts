import type { Position } from './cursor.ts';
import type { Delta } from './delta.ts';

export type NewDelta = Omit<Delta, 'first' | 'last'>;

/** One position of a log. Without a delta it only separates positions before and after another event. */
export interface LogEntry {
  readonly sequence: number;
  /** Who assigned the sequence; see `DeltaLog.begin`. */
  readonly epoch: string;
  /** The epoch of the sequence before it. */
  readonly previous: string;
  readonly delta: Delta | null;
}

/** The positions from `from` on, up to the next range, were assigned in this epoch. */
export interface EpochRange {
  readonly epoch: string;
  readonly from: number;
}

/** A log as another replica wrote it. */
export interface LogContent {
  readonly ranges: readonly EpochRange[];
  /** Contiguous, oldest first. */
  readonly entries: readonly LogEntry[];
  readonly sequence: number;
}

interface Logged {
  readonly entry: LogEntry;
  readonly at: number;
}

/**
 * The latest deltas of an informer. A subscriber that reconnects with a cursor receives exactly what came after it. Bounded by number
 * and by age; a subscriber that was away for longer starts with RESET.
 *
 * Sequences are contiguous. Each has an epoch, which names the process that assigned it: two processes that could not communicate assign
 * the same sequence to different deltas, and only one of them continues in the shared log.
 */
export class DeltaLog {
  readonly #maxEvents: number;
  readonly #maxAgeMs: number;
  #kept: Logged[] = [];
  #deltas = 0;
  #sequence = 0;
  /** The newest dropped sequence: only cursors at or after it can be resumed. */
  #lost = 0;
  /** Of the next entry. */
  #epoch: string;
  /** Oldest first. The first covers `#lost`. */
  #ranges: EpochRange[];

  constructor(epoch: string, limits: { readonly logEvents: number; readonly logMs: number }) {
    this.#epoch = epoch;
    this.#ranges = [{ epoch, from: 0 }];
    this.#maxEvents = limits.logEvents;
    this.#maxAgeMs = limits.logMs;
  }

  /** The last sequence assigned; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The newest position. */
  get position(): Position {
    return { epoch: this.epochOf(this.#sequence), sequence: this.#sequence };
  }

  /** The newest dropped sequence. */
  get lost(): number {
    return this.#lost;
  }

  get ranges(): readonly EpochRange[] {
    return this.#ranges;
  }

  /** Number of deltas. */
  get size(): number {
    return this.#deltas;
  }

  /** Further sequences are assigned in this epoch. */
  begin(epoch: string): void {
    this.#epoch = epoch;
  }

  /** The epoch in which a sequence was assigned. */
  epochOf(sequence: number): string {
    return this.#ranges.findLast(({ from }) => from <= sequence)?.epoch ?? this.#epoch;
  }

  append(change: NewDelta, now: number): LogEntry & { readonly delta: Delta } {
    const sequence = this.#sequence + 1;
    const delta = { first: sequence, last: sequence, ...change };
    const entry = { sequence, epoch: this.#epoch, previous: this.epochOf(this.#sequence), delta };
    this.#keep(entry, now);
    return entry;
  }

  /** Assigns a sequence without a delta, to separate positions before and after another event. */
  advance(now: number): LogEntry {
    const previous = this.epochOf(this.#sequence);
    const entry = { sequence: this.#sequence + 1, epoch: this.#epoch, previous, delta: null };
    this.#keep(entry, now);
    return entry;
  }

  /** Adds the next entry of another replica. */
  take(entry: LogEntry, now: number): void {
    if (entry.sequence !== this.#sequence + 1) throw new Error(`Entry ${entry.sequence} follows ${this.#sequence}.`);
    this.#keep(entry, now);
  }

  /** Replaces everything by the log of another replica. */
  replace({ ranges, entries, sequence }: LogContent, now: number): void {
    this.#kept = [];
    this.#deltas = 0;
    this.#lost = this.#sequence = (entries[0]?.sequence ?? sequence + 1) - 1;
    const before = ranges.filter(({ from }) => from <= this.#lost);
    this.#ranges = before.length > 0 ? before : [{ epoch: 'unknown', from: this.#lost }];
    for (const entry of entries) this.#keep(entry, now);
  }

  /** Whether this log contains the position and everything after it. */
  holds({ epoch, sequence }: Position): boolean {
    return sequence >= this.#lost && sequence <= this.#sequence && this.epochOf(sequence) === epoch;
  }

  /** The deltas after a position, oldest first; null when some were dropped or the position is not part of this log. */
  after(position: Position, now: number): readonly Delta[] | null {
    this.#trim(now);
    if (!this.holds(position)) return null;
    return this.entriesAfter(position.sequence).flatMap(({ delta }) => delta ?? []);
  }

  /** The kept entries after a sequence, oldest first. */
  entriesAfter(sequence: number): readonly LogEntry[] {
    return this.#kept.slice(Math.max(0, sequence - this.#lost)).map(({ entry }) => entry);
  }

  #keep(entry: LogEntry, now: number): void {
    this.#sequence = entry.sequence;
    if (this.#ranges.at(-1)?.epoch !== entry.epoch) this.#ranges.push({ epoch: entry.epoch, from: entry.sequence });
    this.#kept.push({ entry, at: now });
    if (entry.delta !== null) this.#deltas += 1;
    this.#trim(now);
  }

  #trim(now: number): void {
    for (let oldest = this.#kept[0]; oldest !== undefined; oldest = this.#kept[0]) {
      if (this.#kept.length <= this.#maxEvents && now - oldest.at <= this.#maxAgeMs) break;
      this.#lost = oldest.entry.sequence;
      if (oldest.entry.delta !== null) this.#deltas -= 1;
      this.#kept.shift();
    }
    while ((this.#ranges[1]?.from ?? Number.POSITIVE_INFINITY) <= this.#lost) this.#ranges.shift();
  }
}
