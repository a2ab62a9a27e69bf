import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Metrics of one gateway in the Prometheus text format. Every gateway has its own registry.
 *
 * No label value comes from a client: labels are routes, codes, kinds and names of limits. So the number of series is bounded, and
 * no token or uuid appears in them.
 */
export interface Metrics {
  /** An HTTP request was answered, or its client disconnected. @param route as registered, never the URL. */
  request(method: string, route: string, status: number, ms: number): void;
  /** An operation has finished. */
  operation(operation: OperationOutcome): void;
  /** A limit refused a request or an operation. @param limit its name. */
  refused(limit: string): void;
  /** An exchange with Waldur has finished. */
  call(call: UpstreamCall): void;
  /** A client disconnected before the end of its response, or without closing its WebSocket. */
  disconnected(transport: 'http' | 'websocket'): void;
  /** A read or write did without the shared cache. Both labels are from closed lists. */
  sharedCacheFailed(operation: string, reason: string): void;
  /** A log line could not be written. */
  logLineDropped(): void;
  /** A read of a value that may be cached. `stale`: an expired value was used because Waldur failed. */
  cacheRead(result: CacheResult): void;
  /** A subscription started or was reset; `resumed` at its cursor, otherwise why not. */
  subscriptionOpened(how: string): void;
  /** An event of a change was passed to its subscriber. */
  eventSent(lag: EventLag): void;
  /** Rows of an informer were compared with Waldur. @param drifted those that were wrong for too long. */
  selfChecked(rows: number, drifted: number): void;
  /** Registers the source of the gauges, which is read at each scrape. Those that are undefined at first do not exist. */
  watch(read: () => Gauges): void;
  text(): Promise<string>;
  readonly contentType: string;
  /** Drops all metrics. */
  close(): void;
}

export type Transport = 'http' | 'websocket' | 'sse';

/** `plan`: compiled plan; `interpreter`: graphql-js, on the first run of a document; `memory`: cached response. */
export type Execution = 'plan' | 'interpreter' | 'memory';

export interface OperationOutcome {
  readonly transport: Transport;
  /** How it was executed; undefined when it was refused before execution. */
  readonly by: Execution | undefined;
  /** Undefined when it was refused before parsing. */
  readonly kind: 'query' | 'mutation' | 'subscription' | undefined;
  /** Codes of the errors in its result. */
  readonly codes: readonly string[];
  /** Estimated cost in rows; undefined when it was refused before the estimate. */
  readonly rows: number | undefined;
}

export interface UpstreamCall {
  readonly method: string;
  /** With `{uuid}` in place of uuids. */
  readonly route: string;
  /** Undefined when there was no response. */
  readonly status: number | undefined;
  readonly ms: number;
  readonly kind: string;
  readonly retry: boolean;
}

export type CacheResult = 'hit' | 'miss' | 'stale';

export interface EventLag {
  /** Since the response of Waldur that showed the change was received. */
  readonly seenMs: number;
  /** Since Waldur changed the object, by its own clock; undefined where that is not known. */
  readonly changedMs: number | undefined;
}

/** Current values that are read at each scrape. */
export type Gauges = Readonly<Record<keyof typeof GAUGES, number | undefined>> & {
  /** Informers by their role among replicas. */
  readonly roles: Readonly<Record<InformerRole, number>>;
};

export type InformerRole = 'alone' | 'leader' | 'follower';

const GAUGES = {
  informers: ['waldur_graph_informers', 'Informers that poll Waldur: one for each caller, kind of object and scope.'],
  informersParked: [
    'waldur_graph_informers_parked',
    'Informers without subscribers, kept for resumption and not polling.',
  ],
  informersStale: [
    'waldur_graph_informers_stale',
    'Informers whose polls fail or are late: their subscribers received STALE.',
  ],
  subscribers: ['waldur_graph_subscribers', 'Running subscriptions.'],
  storeObjects: ['waldur_graph_store_objects', 'Objects in the stores of all informers.'],
  deltaQueueLength: ['waldur_graph_delta_queue_length', 'Deltas and notices that wait in the queues of subscribers.'],
  pollsWaiting: ['waldur_graph_polls_waiting', 'Polls that wait for the poll budget.'],
  pollsInFlight: ['waldur_graph_live_polls_in_flight', 'Polls in flight.'],
  pollsAllowed: [
    'waldur_graph_live_polls_allowed',
    'Polls that may be in flight. The number falls when Waldur gets slower, and rises again.',
  ],
  pollSeconds: ['waldur_graph_live_poll_seconds', 'Mean duration of the last polls.'],
  pollUsualSeconds: ['waldur_graph_live_poll_usual_seconds', 'Usual duration of the same polls.'],
  callsRunning: ['waldur_graph_upstream_calls_running', 'Calls to Waldur in flight, polls included.'],
  callsWaiting: ['waldur_graph_upstream_calls_waiting', 'Calls to Waldur that wait for a place.'],
  upstreamDown: ['waldur_graph_upstream_down', '1 while Waldur cannot be reached, or answers with 5xx only.'],
  breakerState: [
    'waldur_graph_upstream_breaker_state',
    'State of the circuit breaker: 0 closed, 1 half open (a probe is in flight or due), 2 open (no calls are sent).',
  ],
  cacheEntries: ['waldur_graph_cache_entries', 'Values of Waldur in the cache in memory.'],
  cacheBytes: ['waldur_graph_cache_bytes', 'Estimated memory of the cache in memory.'],
  trustedDocuments: ['waldur_graph_trusted_documents', 'Hashes by which trusted documents can be requested.'],
  draining: ['waldur_graph_draining', '1 from SIGTERM on.'],
  leaseChanges: [
    'waldur_graph_lease_changes',
    'How often an informer of this replica became the leader, since the start.',
  ],
  followSeconds: ['waldur_graph_follow_seconds', 'Longest time since a following informer heard from its leader.'],
  informersHinted: [
    'waldur_graph_informers_hinted',
    'Informers whose polls are replaced by hints of the event log or the watcher.',
  ],
  redisUp: ['waldur_graph_redis_up', '1 while replicas can share by Redis. It does not exist without Redis.'],
  sockets: ['waldur_graph_sockets', 'Open WebSocket connections.'],
  eventStreams: ['waldur_graph_event_streams', 'Open streams of server-sent events.'],
} as const;

/**
 * Default metrics of prom-client that are gauges under a name in `_total`, which Prometheus keeps for counters (`promtool check
 * metrics` refuses them). Each is the sum of a series that stays.
 */
const MISNAMED_DEFAULTS = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
] as const;

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
const ROWS = [1, 10, 100, 1_000, 10_000, 50_000];

/** Polls see a change within seconds; a replica that fell behind may need minutes. */
const LAG_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 300];

export function createMetrics(version = 'unknown'): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Histogram({
    name: 'waldur_graph_http_request_duration_seconds',
    help: 'Duration of HTTP requests.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers,
  });
  const operations = new Counter({
    name: 'waldur_graph_operations_total',
    help: 'Finished operations. outcome: ok, or the code of the first error.',
    labelNames: ['transport', 'kind', 'outcome'],
    registers,
  });
  const executions = new Counter({
    name: 'waldur_graph_executions_total',
    help: 'Executed operations. by: plan (compiled), interpreter (graphql-js), memory (cached response).',
    labelNames: ['transport', 'by'],
    registers,
  });
  const errors = new Counter({
    name: 'waldur_graph_errors_total',
    help: 'Errors in results, by code.',
    labelNames: ['transport', 'code'],
    registers,
  });
  const costs = new Histogram({
    name: 'waldur_graph_operation_rows',
    help: 'Estimated cost of operations, in rows of Waldur.',
    buckets: ROWS,
    registers,
  });
  const refusals = new Counter({
    name: 'waldur_graph_refusals_total',
    help: 'Requests and operations refused, by the name of the limit.',
    labelNames: ['limit'],
    registers,
  });
  const disconnects = new Counter({
    name: 'waldur_graph_client_disconnects_total',
    help: 'Connections that ended early. transport: http (before the end of a response or event stream), websocket (without a close frame).',
    labelNames: ['transport'],
    registers,
  });
  const dropped = new Counter({
    name: 'waldur_graph_log_lines_dropped_total',
    help: 'Log lines dropped because they could not be written.',
    registers,
  });
  const cacheFailures = new Counter({
    name: 'waldur_graph_shared_cache_failures_total',
    help: 'Reads and writes that did without the shared cache in Redis. reason: disconnected, timeout, refused (error reply), paused (after a failure), entry (a single unusable entry).',
    labelNames: ['operation', 'reason'],
    registers,
  });
  const calls = new Histogram({
    name: 'waldur_graph_upstream_call_duration_seconds',
    help: 'Duration of calls to Waldur. kind: ok, or how the call failed; retry: whether it was the second attempt of a GET.',
    labelNames: ['method', 'route', 'status', 'kind', 'retry'],
    buckets: SECONDS,
    registers,
  });

  const cacheReads = new Counter({
    name: 'waldur_graph_cache_reads_total',
    help: 'Reads of values that may be cached. result: hit, miss, stale (an expired value, because Waldur failed).',
    labelNames: ['result'],
    registers,
  });
  const opened = new Counter({
    name: 'waldur_graph_live_opened_total',
    help: 'Beginnings of subscriptions. how: resumed (at the cursor), or the cause of a RESET: start (no cursor), cursor (forged, or of another caller, filter or key), restart, too-old, fields (a field was not watched), slow-reader (within a subscription).',
    labelNames: ['how'],
    registers,
  });
  const seenToSent = new Histogram({
    name: 'waldur_graph_live_seen_to_sent_seconds',
    help: 'Time from the response of Waldur that showed a change to its event, for each subscriber.',
    buckets: LAG_SECONDS,
    registers,
  });
  const changedToSent = new Histogram({
    name: 'waldur_graph_live_changed_to_sent_seconds',
    help: 'Time from a change to its event, for each subscriber. The change is dated by Waldur, so the clocks must agree.',
    buckets: LAG_SECONDS,
    registers,
  });
  const checkedRows = new Counter({
    name: 'waldur_graph_live_selfcheck_rows_total',
    help: 'Rows of informers that were compared with Waldur.',
    registers,
  });
  const driftedRows = new Counter({
    name: 'waldur_graph_live_selfcheck_drift_total',
    help: 'Compared rows that differed from Waldur for longer than a minute. Always 0 unless changes are lost.',
    registers,
  });
  new Gauge({
    name: 'waldur_graph_build_info',
    help: 'Always 1. version: that of the gateway.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);

  // The default metrics need observers that cannot be stopped, so they are added at the first scrape.
  let hasDefaults = false;
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
    disconnected: (transport) => disconnects.inc({ transport }),
    sharedCacheFailed: (operation, reason) => cacheFailures.inc({ operation, reason }),
    logLineDropped: () => dropped.inc(),
    cacheRead: (result) => cacheReads.inc({ result }),
    subscriptionOpened: (how) => opened.inc({ how }),
    eventSent({ seenMs, changedMs }) {
      seenToSent.observe(seenMs / 1000);
      if (changedMs !== undefined) changedToSent.observe(changedMs / 1000);
    },
    selfChecked(rows, drifted) {
      checkedRows.inc(rows);
      driftedRows.inc(drifted);
    },
    call: ({ method, route, status = 'none', ms, kind, retry }) =>
      calls.observe({ method, route, status, kind, retry: String(retry) }, ms / 1000),
    watch(read) {
      const first = read();
      new Gauge({
        name: 'waldur_graph_informers_by_role',
        help: 'Informers by their role among replicas. alone: it polls for this replica only; leader: for all; follower: another replica polls.',
        labelNames: ['role'],
        registers,
        collect() {
          for (const [role, count] of entriesOf(read().roles)) this.set({ role }, count);
        },
      });
      for (const [key, [name, help]] of entriesOf(GAUGES)) {
        if (first[key] === undefined) continue;
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(read()[key] ?? 0);
          },
        });
      }
    },
    text() {
      if (!hasDefaults) {
        collectDefaultMetrics({ register: registry });
        for (const name of MISNAMED_DEFAULTS) registry.removeSingleMetric(name);
      }
      hasDefaults = true;
      return registry.metrics();
    },
    close: () => registry.clear(),
  };
}

const entriesOf = <Key extends string, Value>(table: Readonly<Record<Key, Value>>): [Key, Value][] =>
  Object.entries(table) as [Key, Value][];

const nothing = (): void => {};

/** Metrics that are switched off. */
export const NO_METRICS: Metrics = {
  contentType: 'text/plain',
  request: nothing,
  operation: nothing,
  refused: nothing,
  disconnected: nothing,
  sharedCacheFailed: nothing,
  logLineDropped: nothing,
  cacheRead: nothing,
  subscriptionOpened: nothing,
  eventSent: nothing,
  selfChecked: nothing,
  call: nothing,
  watch: nothing,
  text: async () => '',
  close: nothing,
};
