/** What the package needs of graphql-ws and graphql-sse, so that it depends on neither. */

/** A request for one operation. */
export interface Payload {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
  readonly extensions?: Record<string, unknown> | null | undefined;
}

export interface Result {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly unknown[] | undefined;
}

export interface Sink {
  next(value: Result): void;
  error(error: unknown): void;
  complete(): void;
  /** Called by a resumable client when it begins to wait for its next attempt: what was sent may be out of date until the next event. */
  interrupted?(): void;
}

/** A client of graphql-ws, or of graphql-sse with distinct connections. */
export interface StreamClient {
  /** @param more what a client takes besides: graphql-sse takes listeners. */
  subscribe(payload: Payload, sink: Sink, ...more: readonly unknown[]): () => void;
  iterate(payload: Payload, ...more: readonly unknown[]): AsyncIterableIterator<Result>;
  dispose(): void | Promise<void>;
}
