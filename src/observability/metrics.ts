import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Figures of one gateway in Prometheus's text format. Nothing of the process is shared: each gateway has a registry of its own.
 *
 * No label holds anything that a client chose: labels are routes, codes, kinds and names of limits, so their number is bounded
 * and no token or uuid can be read from them.
 */
export interface Metrics {
  /** An HTTP request was answered, or its client went away. @param route as registered, never the URL. */
  request(method: string, route: string, status: number, ms: number): void;
  /** An operation is over. */
  operation(operation: OperationOutcome): void;
  /** A limit refused something. @param limit its name. */
  refused(limit: string): void;
  /** One exchange with Waldur is over. */
  call(call: UpstreamCall): void;
  /** A line of the log could not be written. */
  logLineDropped(): void;
  /** From now on these figures are read at each scrape. */
  watch(read: () => Gauges): void;
  text(): Promise<string>;
  readonly contentType: string;
  /** Forgets everything. */
  close(): void;
}

export type Transport = 'http' | 'websocket' | 'sse';

/** `plan`: compiled before; `interpreter`: graphql-js, as each document the first time; `memory`: answered a moment ago. */
export type Execution = 'plan' | 'interpreter' | 'memory';

export interface OperationOutcome {
  readonly transport: Transport;
  /** How it was run; undefined when it was refused before. */
  readonly by: Execution | undefined;
  /** undefined: refused before it was known. */
  readonly kind: 'query' | 'mutation' | 'subscription' | undefined;
  /** Codes of its errors. */
  readonly codes: readonly string[];
  /** Rows that it may need, as estimated; undefined when it was refused before the estimate. */
  readonly rows: number | undefined;
}

export interface UpstreamCall {
  readonly method: string;
  /** With `{uuid}` in the place of uuids. */
  readonly route: string;
  /** undefined: there was no answer. */
  readonly status: number | undefined;
  readonly ms: number;
  readonly kind: string;
  readonly retry: boolean;
}

/** What there is at the moment, by the name of its metric. */
export type Gauges = Readonly<Record<keyof typeof GAUGES, number>>;

const GAUGES = {
  live_cohorts: 'Scopes of callers that are polled.',
  live_dormant_cohorts: 'Scopes kept for readers who may come back; not polled.',
  live_stale_cohorts: 'Scopes whose polls fail.',
  live_subscribers: 'Subscriptions that run.',
  live_objects: 'Objects held for subscriptions.',
  live_queued_events: 'Events that wait for their readers.',
  live_waiting_polls: 'Polls that wait for the budget.',
  sockets: 'Open WebSockets.',
  event_streams: 'Open streams of server-sent events.',
} as const;

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
const ROWS = [1, 10, 100, 1_000, 10_000, 50_000];
/** What a status is called where there was no answer. */
const NONE = 'none';

export function createMetrics(): Metrics {
  const registry = new Registry();
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'HTTP requests, by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  });
  const operations = new Counter({
    name: 'graphql_operations_total',
    help: 'Operations that are over. outcome: ok, or the code of the first error.',
    labelNames: ['transport', 'kind', 'outcome'],
    registers: [registry],
  });
  const executions = new Counter({
    name: 'graphql_executions_total',
    help: 'Operations that ran. by: plan (compiled), interpreter (graphql-js), memory (the whole answer was kept).',
    labelNames: ['transport', 'by'],
    registers: [registry],
  });
  const errors = new Counter({
    name: 'graphql_errors_total',
    help: 'Errors in answers, by code.',
    labelNames: ['transport', 'code'],
    registers: [registry],
  });
  const costs = new Histogram({
    name: 'graphql_operation_rows',
    help: 'Rows that operations may need, as estimated before they run.',
    buckets: ROWS,
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'refusals_total',
    help: 'What limits refused, by the name of the limit.',
    labelNames: ['limit'],
    registers: [registry],
  });
  const dropped = new Counter({
    name: 'log_lines_dropped_total',
    help: 'Lines of the log that were dropped because they could not be written.',
    registers: [registry],
  });
  const calls = new Histogram({
    name: 'upstream_call_duration_seconds',
    help: 'Exchanges with Waldur. kind: ok, or how it failed; retry: the second try of a GET.',
    labelNames: ['method', 'route', 'status', 'kind', 'retry'],
    buckets: SECONDS,
    registers: [registry],
  });

  // The figures of the process need observers that run all the time and cannot be stopped: only where somebody reads them.
  let ofProcess = false;
  return {
    contentType: registry.contentType,
    request: (method, route, status, ms) => requests.observe({ method, route, status }, ms / 1000),
    operation({ transport, kind = 'unknown', by, codes, rows }) {
      if (by !== undefined) executions.inc({ transport, by });
      operations.inc({ transport, kind, outcome: codes[0] ?? 'ok' });
      for (const code of codes) errors.inc({ transport, code });
      if (rows !== undefined) costs.observe(rows);
    },
    refused: (limit) => refusals.inc({ limit }),
    logLineDropped: () => dropped.inc(),
    call: ({ method, route, status = NONE, ms, kind, retry }) =>
      calls.observe({ method, route, status, kind, retry: String(retry) }, ms / 1000),
    watch(read) {
      for (const [name, help] of entriesOf(GAUGES)) {
        new Gauge({
          name,
          help,
          registers: [registry],
          collect() {
            this.set(read()[name]);
          },
        });
      }
    },
    text() {
      if (!ofProcess) collectDefaultMetrics({ register: registry });
      ofProcess = true;
      return registry.metrics();
    },
    close: () => registry.clear(),
  };
}

const entriesOf = <Key extends string, Value>(table: Readonly<Record<Key, Value>>): [Key, Value][] =>
  Object.entries(table) as [Key, Value][];

const nothing = (): void => {};

/** Counts nothing. */
export const NO_METRICS: Metrics = {
  contentType: 'text/plain',
  request: nothing,
  operation: nothing,
  refused: nothing,
  logLineDropped: nothing,
  call: nothing,
  watch: nothing,
  text: async () => '',
  close: nothing,
};
