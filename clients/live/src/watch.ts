import { resumable } from './resumable.ts';
import { makeResumable, type ResumableDocument } from './rewrite.ts';
import { SavedPlace, type TableStorage } from './saved.ts';
import type { Payload, Result, StreamClient } from './types.ts';

/** A table of objects that follows their stream. */

export type Row = Readonly<Record<string, unknown>>;

export interface TableState<R extends object = Row> {
  /** In the order in which the objects arrived, or in that of `compare`. */
  readonly rows: readonly R[];
  /** All objects have arrived. Rows of the storage are shown before. */
  readonly ready: boolean;
  /** The rows may be out of date: the connection is lost, or Waldur does not respond. */
  readonly stale: boolean;
  /** Objects that the filter lets through; undefined until the gateway has said it. */
  readonly total: number | undefined;
  /** Why the stream ended. Call `watch` again, for example after a new sign-in. */
  readonly error: unknown;
}

export interface Table<R extends object = Row> {
  /**
   * @param listener called after changes
   * @returns ends the calls
   */
  readonly subscribe: (listener: () => void) => () => void;
  /** The present state: the same object until something changes. */
  readonly snapshot: () => TableState<R>;
  readonly close: () => void;
}

interface CommonOptions<R extends object> {
  /** Order of the rows. Absent: the order in which they arrived. */
  readonly compare?: (a: R, b: R) => number;
  /** Where rows and cursor are kept, such as `localStorage`. Needs `key`. */
  readonly storage?: TableStorage;
  /** Called when the storage fails. The table works without it. */
  readonly onStorageError?: (error: unknown) => void;
  /** Names the saved table. Choose another one for each user. */
  readonly key?: string;
  /** Milliseconds in which changes are collected before listeners are called (16). */
  readonly batchMs?: number;
  /** The least milliseconds between two writes to the storage (1,000). */
  readonly saveMs?: number;
}

/** A stream of which the document is made. */
export interface RootOptions<R extends object> extends CommonOptions<R> {
  readonly root: 'snapshots' | 'volumes';
  /** Selection of the object, without braces: `id name state`. */
  readonly fields: string;
  readonly filter?: object;
  readonly uuids?: readonly string[];
  /** False: only objects that change become rows. */
  readonly initial?: boolean;
}

/** A stream of any document that selects the object. */
export interface QueryOptions<R extends object> extends CommonOptions<R> {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

export type WatchOptions<R extends object> = RootOptions<R> | QueryOptions<R>;

const NEEDS = ['kind', 'cursor', 'id', 'totalCount'];

/** Keeps a table up to date. */
export function watch<R extends object = Row>(client: StreamClient, options: WatchOptions<R>): Table<R> {
  const payload = payloadOf(options);
  const document = makeResumable(payload, NEEDS);
  if (document?.objectKey === undefined) {
    throw new TypeError(
      'watch() needs one subscription to snapshotChanges or volumeChanges that selects snapshot or volume.',
    );
  }
  const follower = new Follower<R>(document, options, JSON.stringify([payload.query, payload.variables]));
  follower.start(resumable(client), payload);
  return {
    subscribe: (listener) => follower.subscribe(listener),
    snapshot: () => follower.snapshot(),
    close: () => follower.close(),
  };
}

function payloadOf<R extends object>(options: WatchOptions<R>): Payload {
  if ('query' in options) {
    const { query, operationName, variables } = options;
    return { query, operationName, variables: { ...variables } };
  }
  const { root, fields, filter, uuids, initial } = options;
  const [stream, object, type] =
    root === 'snapshots'
      ? ['snapshotChanges', 'snapshot', 'SnapshotFilter']
      : ['volumeChanges', 'volume', 'VolumeFilter'];
  return {
    query: `subscription ($filter: ${type}, $uuids: [UUID!], $initial: Boolean, $after: String) {
      ${stream}(filter: $filter, uuids: $uuids, initial: $initial, after: $after) {
        kind cursor id totalCount ${object} { ${fields} }
      }
    }`,
    variables: { filter, uuids, initial },
  };
}

class Follower<R extends object> {
  readonly #document: ResumableDocument;
  readonly #options: WatchOptions<R>;
  readonly #saved: SavedPlace | undefined;
  readonly #listeners = new Set<() => void>();
  #rows = new Map<string, R>();
  /** Rows that arrive after RESET. They replace the shown ones at once, when all have arrived. */
  #next: Map<string, R> | undefined;
  #cursor: string | null = null;
  #ready = false;
  #stale = false;
  #total: number | undefined;
  #error: unknown;
  #state: TableState<R> | undefined;
  #notifyTimer: ReturnType<typeof setTimeout> | undefined;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  #stops: (() => void)[] = [];
  #isClosed = false;

  constructor(document: ResumableDocument, options: WatchOptions<R>, contents: string) {
    this.#document = document;
    this.#options = options;
    const { storage, key, onStorageError = () => {} } = options;
    if (storage === undefined) return;
    if (key === undefined) throw new TypeError('watch() needs a key for its storage.');
    this.#saved = new SavedPlace(storage, key, contents, onStorageError);
  }

  start(client: StreamClient, payload: Payload): void {
    const saved = this.#saved?.read();
    if (saved !== undefined) {
      // The rows come from a table of the same document.
      this.#rows = new Map(saved.rows) as Map<string, R>;
      this.#cursor = saved.cursor;
      this.#total = saved.total;
      this.#stale = true;
    }
    const { query, cursorVariable } = this.#document;
    // Without rows only a stream from the beginning makes the table complete.
    const variables = { ...payload.variables, [cursorVariable]: this.#cursor };
    const onLost = (): void => {
      if (this.#isClosed) return;
      this.#stale = true;
      this.#changed();
    };
    if (hasEvents(client)) this.#stops.push(client.on('closed', onLost));
    // graphql-ws ignores these listeners; graphql-sse has no others for one stream.
    const listeners = { connecting: (isReconnecting: boolean) => isReconnecting && onLost() };
    this.#stops.push(
      client.subscribe(
        { ...payload, query, variables },
        {
          next: (result) => this.#apply(result),
          error: (problem) => this.#end(problem),
          complete: () => this.#end(undefined),
          interrupted: onLost,
        },
        listeners,
      ),
    );
  }

  subscribe(listener: () => void): () => void {
    // The same function may listen twice.
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  snapshot(): TableState<R> {
    if (this.#state === undefined) {
      const { compare } = this.#options;
      const rows = [...this.#rows.values()];
      if (compare !== undefined) rows.sort(compare);
      this.#state = {
        rows,
        ready: this.#ready,
        stale: this.#stale,
        total: this.#total,
        error: this.#error,
      };
    }
    return this.#state;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const stop of this.#stops.splice(0)) stop();
    clearTimeout(this.#notifyTimer);
    if (this.#saveTimer !== undefined) this.#save();
    this.#listeners.clear();
  }

  #apply(result: Result): void {
    if (this.#isClosed) return;
    const { rootKey, objectKey = '', keys } = this.#document;
    const event = result.data?.[rootKey] as Readonly<Record<string, unknown>> | null | undefined;
    if (event == null) {
      // A refusal over server-sent events. The end of the stream follows.
      if (result.errors !== undefined) this.#error = result.errors;
      return;
    }
    const read = (name: string): unknown => event[keys[name] ?? ''];
    const [kind, cursor, id, total] = [read('kind'), read('cursor'), read('id'), read('totalCount')];
    const object = event[objectKey];
    if (kind === 'RESET') this.#reset();
    else if (kind === 'STALE') this.#stale = true;
    else if (kind === 'BOOKMARK') this.#caughtUp();
    else if (typeof id === 'string') {
      const rows = this.#next ?? this.#rows;
      if (kind === 'REMOVED') rows.delete(id);
      else if (typeof object === 'object' && object !== null) rows.set(id, object as R);
    }
    if (typeof total === 'number') this.#total = total;
    if (typeof cursor === 'string') {
      this.#cursor = cursor;
      this.#saveSoon();
    }
    this.#changed();
  }

  #reset(): void {
    this.#next = new Map();
    this.#cursor = null;
    this.#stale = true;
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    this.#saved?.drop();
  }

  #caughtUp(): void {
    this.#rows = this.#next ?? this.#rows;
    this.#next = undefined;
    this.#ready = true;
    this.#stale = false;
  }

  #end(problem: unknown): void {
    if (this.#isClosed) return;
    if (problem !== undefined) this.#error = problem;
    this.#stale = true;
    this.#changed();
  }

  #changed(): void {
    this.#state = undefined;
    this.#notifyTimer ??= setTimeout(() => {
      this.#notifyTimer = undefined;
      for (const listener of [...this.#listeners]) listener();
    }, this.#options.batchMs ?? 16);
  }

  #saveSoon(): void {
    if (this.#saved === undefined) return;
    this.#saveTimer ??= setTimeout(() => this.#save(), this.#options.saveMs ?? 1_000);
  }

  #save(): void {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    if (this.#cursor === null) return;
    this.#saved?.write({ cursor: this.#cursor, total: this.#total, rows: [...(this.#next ?? this.#rows)] });
  }
}

interface WithEvents {
  on(event: 'closed', listener: () => void): () => void;
}

/** Whether it is a client of graphql-ws. */
const hasEvents = (client: object): client is WithEvents => 'on' in client && typeof client.on === 'function';
