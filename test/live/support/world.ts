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
  /** Of the last object made, in microseconds: no two share one, so a list has one order. */
  #createdAt = 0;

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
    const before = this.#rows.get(uuid)?.fields ?? { created: this.#created() };
    const row = { uuid, state, fields: { ...before, modified, v: this.#versions, ...fields } };
    this.#rows.set(uuid, row);
    return row;
  }

  fill(count: number, state: State = 'OK', fields: Fields = {}): void {
    for (let at = 0; at < count; at += 1) this.put(`s${this.size}`, state, { name: `name ${at}`, ...fields });
  }

  delete(uuid: string): void {
    this.#rows.delete(uuid);
  }

  /** As REST writes it: with microseconds. */
  #created(): string {
    this.#createdAt = Math.max(this.#createdAt + 1, this.#clock.wallNow() * 1_000);
    const micros = String(this.#createdAt % 1_000).padStart(3, '0');
    return new Date(Math.floor(this.#createdAt / 1_000)).toISOString().replace('Z', `${micros}Z`);
  }
}

export interface Call {
  readonly at: number;
  readonly kind: 'page' | 'states' | 'count' | 'get';
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
  /** The length of a list as its answer states it. */
  total: (rows: number) => number | undefined = (rows) => rows;
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
      const all = this.#list(filter);
      const from = (page - 1) * this.#pageSize;
      if (page > 1 && from >= all.length) return null;
      const rows = all.slice(from, from + this.#pageSize).map((row) => project(row, fields));
      return { rows: this.distort(rows, call), total: this.total(all.length) };
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
        this.#list(filter)
          .filter(({ state }) => states.includes(state))
          .map((row) => project(row, fields)),
        call,
      ),
    );
  }

  count(filter: UpstreamFilter, states: readonly State[], signal: AbortSignal): Promise<number | undefined> {
    return this.#serve({ at: this.#clock.now(), kind: 'count', states, fields: [], filter }, signal, () =>
      this.total(this.#list(filter).filter(({ state }) => states.includes(state)).length),
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

  #list(filter: UpstreamFilter): WorldRow[] {
    if (Object.keys(filter).length === 0) return this.#world.rows();
    return this.#world.rows().filter((row) => matches(row, filter));
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
export const project = ({ uuid, state, fields: columns }: WorldRow, fields: readonly string[]): LiveRow => {
  const picked: Fields = {};
  // Without copies: scopes of thousands of rows are listed thousands of times.
  for (const name of fields) {
    if (name === 'uuid') picked[name] = uuid;
    else if (name === 'state') picked[name] = state;
    else if (name in columns) picked[name] = columns[name];
  }
  return { uuid, state, fields: picked };
};
