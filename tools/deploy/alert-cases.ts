/** Series of Prometheus and their values in the notation of promtool; a number alone stays the same, `a+b` grows by b. */
export type Series = Readonly<Record<string, string>>;

interface Case {
  /** What differs from a normal hour. */
  readonly series: Series;
  /** When the alert must fire. */
  readonly at: string;
  /** Further alerts that the same situation sets off. */
  readonly also?: readonly string[];
}

const series = (name: string, labels = '', instance = 'a'): string =>
  `${name}{job="waldur-snapshots-gateway", instance="${instance}"${labels && `, ${labels}`}}`;

const calls = (kind: string): string => series('waldur_graph_upstream_call_duration_seconds_count', `kind="${kind}"`);
const callsWithin = (le: string): string =>
  series('waldur_graph_upstream_call_duration_seconds_bucket', `kind="ok", le="${le}"`);
const errors = (code: string): string => series('waldur_graph_errors_total', `code="${code}"`);
const refusals = (limit: string): string => series('waldur_graph_refusals_total', `limit="${limit}"`);
const eventsWithin = (le: string): string => series('waldur_graph_live_seen_to_sent_seconds_bucket', `le="${le}"`);
const opened = (how: string): string => series('waldur_graph_live_opened_total', `how="${how}"`);
const cacheFailures = series('waldur_graph_shared_cache_failures_total', 'operation="get", reason="timeout"');

/** An hour in which everything is as it should be, with the few failures that are normal. */
export const NORMAL: Series = {
  [series('up')]: '1',
  [series('up', '', 'b')]: '1',
  [series('process_start_time_seconds')]: '100',
  [calls('ok')]: '0+30',
  [calls('unavailable')]: '0+1',
  [callsWithin('0.1')]: '0+28',
  [callsWithin('10')]: '0+30',
  [callsWithin('+Inf')]: '0+30',
  [series('waldur_graph_upstream_down')]: '0',
  [errors('UPSTREAM_BUSY')]: '3',
  [errors('INTERNAL_SERVER_ERROR')]: '2',
  [errors('BAD_USER_INPUT')]: '0+50',
  [series('waldur_graph_informers')]: '100',
  [series('waldur_graph_informers_stale')]: '2',
  [series('waldur_graph_live_polls_allowed')]: '16',
  [series('waldur_graph_polls_waiting')]: '30',
  [series('waldur_graph_delta_queue_length')]: '50',
  [series('waldur_graph_subscribers')]: '200',
  [eventsWithin('1')]: '0+99',
  [eventsWithin('10')]: '0+100',
  [eventsWithin('+Inf')]: '0+100',
  [series('waldur_graph_live_selfcheck_drift_total')]: '1',
  [opened('resumed')]: '0+90',
  [opened('start')]: '0+90',
  [opened('restart')]: '0+1',
  [refusals('body')]: '0+1',
  [series('waldur_graph_redis_up')]: '1',
  [cacheFailures]: '5',
  [series('nodejs_eventloop_lag_p99_seconds')]: '0.03',
  [series('process_open_fds')]: '500',
  [series('process_max_fds')]: '65536',
  [series('waldur_graph_log_lines_dropped_total')]: '7',
};

/** For each alert a situation in which it fires. */
export const CASES: Readonly<Record<string, Case>> = {
  GatewayReplicaDown: { series: { [series('up')]: '1x10 0x110' }, at: '10m' },
  GatewayDown: {
    series: { [series('up')]: '1x10 0x110', [series('up', '', 'b')]: '1x10 _x110' },
    at: '12m',
    also: ['GatewayReplicaDown'],
  },
  GatewayRestarts: { series: { [series('process_start_time_seconds')]: '100x10 200x5 300x5 400x100' }, at: '12m' },
  WaldurDown: { series: { [series('waldur_graph_upstream_down')]: '0x10 1x110' }, at: '10m' },
  WaldurUnavailable: { series: { [calls('unavailable')]: '0+10' }, at: '15m' },
  WaldurSlow: { series: { [callsWithin('0.1')]: '0+10' }, at: '30m' },
  GatewayBusy: { series: { [errors('UPSTREAM_BUSY')]: '0+1' }, at: '15m' },
  GatewayInternalErrors: { series: { [errors('INTERNAL_SERVER_ERROR')]: '2x10 3x110' }, at: '12m' },
  SubscriptionsStale: { series: { [series('waldur_graph_informers_stale')]: '40' }, at: '10m' },
  EventsLate: { series: { [eventsWithin('1')]: '0+50' }, at: '30m' },
  InformersDiffer: { series: { [series('waldur_graph_live_selfcheck_drift_total')]: '1x10 2x110' }, at: '12m' },
  SubscriptionsReset: { series: { [opened('cursor')]: '0+90' }, at: '40m' },
  PollsThrottled: { series: { [series('waldur_graph_live_polls_allowed')]: '1' }, at: '15m' },
  SubscribersSlow: { series: { [series('waldur_graph_delta_queue_length')]: '90000' }, at: '10m' },
  GatewayRefuses: { series: { [refusals('sockets')]: '0+90' }, at: '20m' },
  RedisDown: { series: { [series('waldur_graph_redis_up')]: '1x10 0x110' }, at: '15m' },
  SharedCacheFailing: { series: { [cacheFailures]: '0+30' }, at: '20m' },
  EventLoopLags: { series: { [series('nodejs_eventloop_lag_p99_seconds')]: '0.9' }, at: '10m' },
  FileDescriptorsShort: { series: { [series('process_open_fds')]: '60000' }, at: '10m' },
  LogLinesLost: { series: { [series('waldur_graph_log_lines_dropped_total')]: '7x10 12x110' }, at: '12m' },
};
