import type { State } from '../../../src/domain/states.ts';
import type { LiveEvent, SubscribeRequest } from '../../../src/live/index.ts';
import { LiveEnd } from '../../../src/live/index.ts';
import type { History } from './history.ts';

interface Known {
  readonly state: State;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly observedAt: number;
}

/** What a reader is allowed to see. */
export interface Sight {
  readonly tag: string | null;
  readonly states: readonly State[] | null;
  readonly fields: readonly string[];
}

/**
 * A client as the documentation tells one to be: keeps what events say, remembers the last cursor, forgets everything on RESET.
 * It checks each event against what it knows and against what really happened, and collects what is wrong.
 */
export class ModelReader {
  readonly sight: Sight;
  readonly wrong: string[] = [];
  readonly known = new Map<string, Known>();
  /** Ended by the engine. */
  end: LiveEnd | null = null;
  /** What it lived through; `resets` without the RESET at a start without cursor. */
  resets = 0;
  resumed = 0;
  removed = 0;
  stale = 0;
  readonly #history: History;
  readonly #open: (over: Partial<SubscribeRequest>) => AsyncIterableIterator<LiveEvent>;
  /** Newest version seen of each object, also of removed ones. */
  readonly #newest = new Map<string, number>();
  #stream: AsyncIterableIterator<LiveEvent> | null = null;
  #cursor: string | null = null;
  /** Events it will still read before it pauses. */
  #appetite = Number.POSITIVE_INFINITY;
  #wake: (() => void) | null = null;

  constructor(
    sight: Sight,
    history: History,
    open: (over: Partial<SubscribeRequest>) => AsyncIterableIterator<LiveEvent>,
  ) {
    this.sight = sight;
    this.#history = history;
    this.#open = open;
  }

  get connected(): boolean {
    return this.#stream !== null;
  }

  connect(): void {
    if (this.#stream !== null) return;
    this.#appetite = Number.POSITIVE_INFINITY;
    if (this.#cursor !== null) this.resumed += 1;
    const { tag, states, fields } = this.sight;
    const filter = { ...(tag !== null && { tag }), ...(states !== null && { state: states }) };
    this.#stream = this.#open({ filter, fields: new Set(fields), after: this.#cursor });
    void this.#read(this.#stream);
  }

  async disconnect(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    this.read(this.#appetite);
    await stream?.return?.();
  }

  pause(): void {
    this.#appetite = 0;
  }

  resume(): void {
    this.read(Number.POSITIVE_INFINITY);
  }

  /** Reads so many events, then pauses. */
  read(events: number): void {
    this.#appetite = events;
    this.#wake?.();
    this.#wake = null;
  }

  async #read(stream: AsyncIterableIterator<LiveEvent>): Promise<void> {
    try {
      for (;;) {
        while (this.#appetite === 0 && this.#stream === stream) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        if (this.#stream !== stream) return;
        const next = await stream.next();
        if (next.done === true) break;
        if (this.#stream !== stream) return;
        this.#appetite = Math.max(0, this.#appetite - 1);
        this.#take(next.value);
      }
    } catch (error) {
      if (!(error instanceof LiveEnd)) throw error;
      this.end = error;
    }
    if (this.#stream === stream) this.#stream = null;
  }

  #take(event: LiveEvent): void {
    if (event.cursor !== null) this.#cursor = event.cursor;
    this.#update(event);
    // Whatever was skipped or joined, the count is that of the objects that the reader knows.
    if (event.totalCount !== null && event.totalCount !== this.known.size)
      this.#complain(event, `counts ${event.totalCount} of ${this.known.size}`);
  }

  #update(event: LiveEvent): void {
    switch (event.kind) {
      case 'BOOKMARK':
        return;
      case 'STALE':
        this.stale += 1;
        return;
      case 'RESET':
        this.known.clear();
        if (this.#cursor !== null) this.resets += 1;
        this.#cursor = null;
        return;
      case 'REMOVED':
        this.#removed(event);
        return;
      case 'INITIAL':
      case 'ADDED':
      case 'STATE_CHANGED':
      case 'UPDATED':
        this.#shown(event);
    }
  }

  #removed(event: LiveEvent & { kind: 'REMOVED' }): void {
    const { uuid, previousState, state, observedAt } = event;
    const before = this.known.get(uuid);
    this.removed += 1;
    this.known.delete(uuid);
    if (before === undefined) this.#complain(event, 'of an object that was not known');
    else if (before.state !== previousState) this.#complain(event, `it was ${before.state}`);
    else if (!this.#history.wasOutside(uuid, this.sight, before.observedAt, observedAt)) {
      this.#complain(event, 'though it never left');
    }
    if (state !== null && !this.#history.wasIn(uuid, state)) this.#complain(event, 'a state it never had');
  }

  #shown(event: LiveEvent & { row: object }): void {
    const { uuid, kind, state, previousState, row, observedAt } = event;
    const before = this.known.get(uuid);
    const isNew = kind === 'INITIAL' || kind === 'ADDED';
    if (isNew === (before !== undefined)) this.#complain(event, isNew ? 'of a known object' : 'of an unknown object');
    if (previousState !== (isNew ? null : (before?.state ?? null))) this.#complain(event, `it was ${before?.state}`);
    if (kind === 'STATE_CHANGED' && before?.state === state) this.#complain(event, 'of no change');
    if (kind === 'UPDATED' && before?.state !== state) this.#complain(event, 'though the state changed');
    if (this.sight.states !== null && !this.sight.states.includes(state)) this.#complain(event, 'outside the filter');
    const version = row.fields.v;
    if (typeof version === 'number') {
      if (version < (this.#newest.get(uuid) ?? 0)) this.#complain(event, 'back in time');
      this.#newest.set(uuid, version);
    }
    this.known.set(uuid, { state, fields: row.fields, observedAt });
  }

  #complain(event: LiveEvent, what: string): void {
    this.wrong.push(`${event.kind} ${event.uuid} ${event.previousState} -> ${event.state}: ${what}`);
  }
}
