/** Values that a trace may show. Never credentials, documents or variables. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Whether a step is a request of a client, a step within the gateway, or a call to Waldur. */
export type SpanKind = 'server' | 'internal' | 'client';

/** One step of a request in a trace. There is none while tracing is off. */
export interface Span {
  /** The headers that continue the trace elsewhere (W3C Trace Context). */
  readonly headers: Readonly<Record<string, string>>;
  child(name: string, kind: SpanKind, attributes?: SpanAttributes): Span;
  set(attributes: SpanAttributes): void;
  rename(name: string): void;
  /** @param error the type of the error that ended it: a code, or a kind. */
  end(error?: string): void;
}

/** Starts traces. */
export interface Tracer {
  /** @param headers may continue a trace of the client. */
  start(name: string, headers: Readonly<Record<string, string | string[] | undefined>>, kind: SpanKind): Span;
  /** Sends what is left. */
  close(): Promise<void>;
}
