import type { State } from '../../../src/domain/states.ts';
import {
  type Failure,
  FetchError,
  type ListFetcher,
  type LiveRow,
  type RelistPage,
  type UpstreamFilter,
} from '../../../src/live/types.ts';
import type { VirtualClock } from './clock.ts';

type Fields = Record<string, unknown>;

export interface WorldRow {
  readonly uuid: string;
  readonly state: State;
  /** Everything else; `tag` is what the model's only filter looks at. */
  readonly fields: Readonly<Fields>;
}

/** The objects of an upstream, changed by tests as people and workers would. */
export class World {
  readonly #clock: VirtualClock;
  /** In order of creation. */
  readonly #rows = new Map<string, WorldRow>();
  #versions = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(uuid: string): WorldRow | undefined {
    return this.#rows.get(uuid);
  }

  rows(): WorldRow[] {
    return [...this.#rows.values()];
  }

  /** Makes an object or changes one; every change renews `modified` and gives the next `v`. */
  put(uuid: string, state: State, fields: Fields = {}): WorldRow {
    this.#versions += 1;
    const modified = new Date(this.#clock.wallNow()).toISOString();
    const row = { uuid, state, fields: { ...this.#rows.get(uuid)?.fields, modified, v: this.#versions, ...fields } };
    this.#rows.set(uuid, row);
    return row;
  }

  fill(count: number, state: State = 'OK', fields: Fields = {}): void {
    for (let at = 0; at < count; at += 1) this.put(`s${this.size}`, state, { name: `name ${at}`, ...fields });
  }

  delete(uuid: string): void {
    this.#rows.delete(uuid);
  }
}

export interface Call {
  readonly at: number;
  readonly kind: 'page' | 'states' | 'get';
  readonly fields: readonly string[];
  readonly uuid?: string;
  readonly page?: number;
  readonly states?: readonly State[];
  readonly filter: UpstreamFilter;
}

const matches = (row: WorldRow, filter: UpstreamFilter): boolean =>
  Object.entries(filter).every(([name, value]) => row.fields[name] === value);

/** What one caller sees of a world: slow, failing or lying as the test says. Reads happen in the middle of a call. */
export class ModelUpstream implements ListFetcher {
  readonly calls: Call[] = [];
  /** Milliseconds from the request to the read, and from there to the answer. */
  latency: () => readonly [number, number] = () => [10, 10];
  /** The failure of the next call; null: it succeeds. */
  failure: (call: Call) => Failure | null = () => null;
  /** Replaces the rows of a list answer. */
  distort: (rows: readonly LiveRow[], call: Call) => readonly LiveRow[] = (rows) => rows;
  inFlight = 0;
  maxInFlight = 0;
  readonly #clock: VirtualClock;
  readonly #world: World;
  readonly #pageSize: number;

  constructor(clock: VirtualClock, world: World, pageSize = 300) {
    this.#clock = clock;
    this.#world = world;
    this.#pageSize = pageSize;
  }

  listPage(
    filter: UpstreamFilter,
    page: number,
    fields: readonly string[],
    signal: AbortSignal,
  ): Promise<RelistPage | null> {
    return this.#serve({ at: this.#clock.now(), kind: 'page', page, fields, filter }, signal, (call) => {
      const all = this.#list(filter, fields);
      const from = (page - 1) * this.#pageSize;
      if (page > 1 && from >= all.length) return null;
      return { rows: this.distort(all.slice(from, from + this.#pageSize), call), total: all.length };
    });
  }

  inStates(
    filter: UpstreamFilter,
    states: readonly State[],
    fields: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly LiveRow[]> {
    return this.#serve({ at: this.#clock.now(), kind: 'states', states, fields, filter }, signal, (call) =>
      this.distort(
        this.#list(filter, fields).filter(({ state }) => states.includes(state)),
        call,
      ),
    );
  }

  get(filter: UpstreamFilter, uuid: string, fields: readonly string[], signal: AbortSignal): Promise<LiveRow | null> {
    return this.#serve({ at: this.#clock.now(), kind: 'get', uuid, fields, filter }, signal, () => {
      const row = this.#world.get(uuid);
      return row !== undefined && matches(row, filter) ? project(row, fields) : null;
    });
  }

  /** Calls of the last so many milliseconds. */
  callsSince(at: number): Call[] {
    return this.calls.filter((call) => call.at >= at);
  }

  #list(filter: UpstreamFilter, fields: readonly string[]): LiveRow[] {
    return this.#world
      .rows()
      .filter((row) => matches(row, filter))
      .map((row) => project(row, fields));
  }

  async #serve<T>(call: Call, signal: AbortSignal, read: (call: Call) => T): Promise<T> {
    this.calls.push(call);
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    try {
      const failure = this.failure(call);
      const [before, after] = this.latency();
      await this.#pass(before, signal);
      if (failure !== null) throw new FetchError(failure);
      const answer = read(call);
      await this.#pass(after, signal);
      return answer;
    } finally {
      this.inFlight -= 1;
    }
  }

  #pass(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        cancel();
        reject(new FetchError({ kind: 'unavailable' }));
      };
      const cancel = this.#clock.setTimer(ms, () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    });
  }
}

/** As REST does: `field` picks columns, and an unknown or absent one is left out. */
export const project = (row: WorldRow, fields: readonly string[]): LiveRow => ({
  uuid: row.uuid,
  state: row.state,
  fields: Object.fromEntries(
    Object.entries({ uuid: row.uuid, state: row.state, ...row.fields }).filter(([name]) => fields.includes(name)),
  ),
});
