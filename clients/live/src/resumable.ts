import { Retries, type RetryOptions } from './retry.ts';
import { makeResumable, type ResumableDocument } from './rewrite.ts';
import type { Payload, Result, Sink, StreamClient } from './types.ts';

/** What the wrapper itself needs of each event. */
const NEEDS = ['kind', 'cursor'];

const wrapped = new WeakSet<StreamClient>();

/**
 * Makes the streams `snapshotChanges` and `volumeChanges` of a client continue where they were, whenever it connects again. All other
 * operations are passed on unchanged.
 *
 * @param client of graphql-ws, or of graphql-sse with distinct connections
 * @returns a client with the same interface
 */
export function resumable<C extends StreamClient>(client: C, options: RetryOptions = {}): C {
  if (wrapped.has(client)) return client;
  const open = new Set<Stream>();
  const subscribe = (payload: Payload, sink: Sink, ...more: readonly unknown[]): (() => void) => {
    const document = makeResumable(payload, NEEDS);
    if (document === undefined) return client.subscribe(payload, sink, ...more);
    const cursor = new Cursor(document, payload.variables ?? {});
    const request = requestOf(payload, document, cursor);
    const stream = new Stream({
      sink,
      retries: new Retries(options),
      observe: (result) => observe(result, document, cursor),
      connect: (inner) => client.subscribe(request, inner, ...more),
      ended: () => open.delete(stream),
    });
    open.add(stream);
    stream.start();
    return () => stream.stop();
  };
  const changed: StreamClient = {
    subscribe,
    iterate: (payload, ...more) =>
      makeResumable(payload, NEEDS) === undefined
        ? client.iterate(payload, ...more)
        : iterate((sink) => subscribe(payload, sink, ...more)),
    dispose() {
      // Streams that wait for their next attempt are unknown to the client.
      for (const stream of open) stream.dispose();
      return client.dispose();
    },
  };
  const result = { ...client, ...changed };
  wrapped.add(result);
  return result;
}

/** The cursor to send at the next connection. */
class Cursor {
  readonly #document: ResumableDocument;
  readonly #given: Readonly<Record<string, unknown>>;
  /** Undefined until an event or RESET has replaced the one that was given. */
  #own: string | null | undefined;

  constructor(document: ResumableDocument, given: Readonly<Record<string, unknown>>) {
    this.#document = document;
    this.#given = given;
  }

  /** Read when the request is sent. */
  get value(): unknown {
    const { cursorVariable, originalVariable = cursorVariable } = this.#document;
    return this.#own === undefined ? this.#given[originalVariable] : this.#own;
  }

  passed(kind: unknown, cursor: unknown): void {
    if (kind === 'RESET') this.#own = null;
    else if (typeof cursor === 'string') this.#own = cursor;
  }
}

/** Clients write the request anew at each connection, so the getter supplies the last cursor. */
function requestOf(
  payload: Payload,
  { query, isRewritten, cursorVariable }: ResumableDocument,
  cursor: Cursor,
): Payload {
  // Other getters keep working, too.
  const variables: Record<string, unknown> = Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(payload.variables ?? {}),
      [cursorVariable]: { enumerable: true, get: () => cursor.value },
    },
  );
  const { extensions } = payload;
  if (!isRewritten || extensions?.persistedQuery === undefined) return { ...payload, query, variables };
  // The hash is that of the original document.
  const { persistedQuery: _, ...others } = extensions;
  return { ...payload, query, variables, extensions: others };
}

/** Remembers the cursor of an event. @returns the result without the fields that were added. */
function observe(result: Result, { rootKey, keys, addedKeys }: ResumableDocument, cursor: Cursor): Result {
  const event = result.data?.[rootKey];
  if (typeof event !== 'object' || event === null) return result;
  const fields: Record<string, unknown> = { ...event };
  cursor.passed(fields[keys.kind ?? ''], fields[keys.cursor ?? '']);
  if (addedKeys.length === 0) return result;
  for (const key of addedKeys) delete fields[key];
  return { ...result, data: { ...result.data, [rootKey]: fields } };
}

interface StreamOptions {
  readonly sink: Sink;
  readonly retries: Retries;
  readonly observe: (result: Result) => Result;
  readonly connect: (sink: Sink) => () => void;
  readonly ended: () => void;
}

/** One stream over any number of subscriptions of the client. */
class Stream {
  readonly #options: StreamOptions;
  #disconnect: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  start(): void {
    const { sink, retries, connect, observe } = this.#options;
    // Over server-sent events a refusal is a last result without data.
    let refusal: Result | undefined;
    this.#timer = undefined;
    this.#disconnect = connect({
      next: (result) => {
        if (result.errors !== undefined && !('data' in result)) {
          refusal = result;
          return;
        }
        refusal = undefined;
        retries.succeeded();
        sink.next(observe(result));
      },
      error: (problem) => {
        if (!this.#retry(problem)) this.#end(() => sink.error(problem));
      },
      complete: () => {
        if (refusal !== undefined && this.#retry(refusal.errors)) return;
        this.#end(() => {
          if (refusal !== undefined) sink.next(refusal);
          sink.complete();
        });
      },
    });
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer === undefined) {
      // The client completes the sink, as it does without this package.
      this.#disconnect();
      return;
    }
    this.#complete();
  }

  /** The client ends the streams that are connected. */
  dispose(): void {
    this.#isStopped = true;
    if (this.#timer !== undefined) this.#complete();
  }

  #complete(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#end(() => queueMicrotask(() => this.#options.sink.complete()));
  }

  #retry(problem: unknown): boolean {
    const wait = this.#isStopped ? undefined : this.#options.retries.next(problem);
    if (wait === undefined) return false;
    this.#timer = setTimeout(() => this.start(), wait);
    this.#options.sink.interrupted?.();
    return true;
  }

  #end(report: () => void): void {
    this.#isStopped = true;
    this.#options.ended();
    report();
  }
}

/** Iterates over what a sink gets. */
function iterate(subscribe: (sink: Sink) => () => void): AsyncIterableIterator<Result> {
  const waiting: Result[] = [];
  let end: { readonly problem?: unknown } | undefined;
  let wake = (): void => {};
  const finish = (how: { readonly problem?: unknown }): void => {
    end ??= how;
    wake();
  };
  const stop = subscribe({
    next: (result) => {
      waiting.push(result);
      wake();
    },
    error: (problem) => finish({ problem }),
    complete: () => finish({}),
  });
  async function* read(): AsyncGenerator<Result, void> {
    for (;;) {
      while (waiting.length > 0) yield* waiting.splice(0);
      if (end !== undefined) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if ('problem' in end) throw end.problem;
  }
  const results = read();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => results.next(),
    // A generator that waits for the next result would return only after it.
    async return() {
      stop();
      finish({});
      return { done: true, value: undefined };
    },
    async throw(problem) {
      stop();
      finish({ problem });
      return { done: true, value: undefined };
    },
  };
}
