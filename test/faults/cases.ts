/** An attack or failure, and the behaviour that the gateway guarantees. */
export interface FaultCase {
  readonly number: number;
  readonly title: string;
  readonly promise: string;
  /** Why no test covers it. Only for what the gateway does not do. */
  readonly notBuilt?: string;
}

/** All cases. A test covers a case if its name, or the name of its group, begins with `case NUMBER: `. */
export const CASES: readonly FaultCase[] = [
  {
    number: 1,
    title: 'uuid arguments (inline or by variable) `..`, `%2e%2e`, `a/b`, `?x`, `#`, NUL, 10 kB',
    promise: 'BAD_USER_INPUT or GRAPHQL_VALIDATION_FAILED, 0 requests',
  },
  {
    number: 2,
    title: '`source_volume` in an upstream response names a foreign host',
    promise: 'only the uuid is used; the foreign host gets no request',
  },
  { number: 3, title: '`Link` header with a foreign or internal host', promise: 'ignored' },
  {
    number: 4,
    title: 'upstream responds with 301 to 308',
    promise: 'UPSTREAM_ERROR; redirects are not followed, credentials are not sent',
  },
  {
    number: 5,
    title: 'CR, LF, NUL or non-ASCII in Authorization or connectionParams',
    promise: 'UNAUTHENTICATED; the value appears in no output',
  },
  {
    number: 6,
    title: 'a canary token, after a test run',
    promise: 'absent from logs, errors, metrics, traces, Redis',
  },
  {
    number: 7,
    title: 'two callers, same query, warm caches, interleaved',
    promise: 'no data of the other caller (property test with queries, mutations, subscriptions)',
  },
  { number: 8, title: 'headers Cookie, Host, X-Anything from the client', promise: 'not forwarded' },
  {
    number: 9,
    title: 'CSRF by simple requests: POST with text/plain, GET as sent by a navigation or a form',
    promise: 'rejected',
  },
  { number: 10, title: 'mutation over GET', promise: '405 with Allow' },
  { number: 11, title: 'WebSocket with a foreign Origin', promise: 'rejected at the upgrade' },
  {
    number: 12,
    title: 'every invalid document over WebSocket and SSE',
    promise: 'the same error as over HTTP; the connection stays open',
  },
  {
    number: 13,
    title: 'documents with excessive depth, aliases, directives or tokens; exponential fragments',
    promise: 'rejected within 50 ms with 4xx, never 5xx',
  },
  {
    number: 14,
    title: '`first: 1000000000`, negative, both first and last',
    promise: 'an error that names the argument',
  },
  {
    number: 15,
    title: '100,000-element variable lists; `__proto__` and `constructor` keys in JSON values',
    promise: 'rejected, or executed without prototype pollution',
  },
  { number: 16, title: 'array batching', promise: 'rejected' },
  {
    number: 17,
    title: 'a resolver throws an unexpected error holding a secret',
    promise: 'INTERNAL_SERVER_ERROR with a correlation id; details only in the log',
  },
  {
    number: 18,
    title: 'upstream 500 with an HTML traceback',
    promise: 'UPSTREAM_ERROR without text from the upstream',
  },
  {
    number: 19,
    title: 'upstream sends no headers, or stalls after them',
    promise: 'UPSTREAM_TIMEOUT within the deadline; the upstream request is aborted',
  },
  {
    number: 20,
    title: 'upstream body truncated (content-length and chunked), or reset within the body',
    promise: 'GET is retried once; then an error with a code',
  },
  {
    number: 21,
    title: 'upstream sends invalid JSON, 200 HTML, valid JSON of the wrong shape, a wrong type in one row',
    promise: 'an error with a code for the invalid part; the rest is returned',
  },
  { number: 22, title: 'gzip bomb from upstream', promise: 'reading stops at the limit for decompressed data' },
  {
    number: 23,
    title: '429 with Retry-After in seconds, as a date, or extremely long',
    promise: 'honoured up to a maximum',
  },
  {
    number: 24,
    title: 'all requests fail with 503',
    promise: 'retries <= 10 % of requests; the circuit breaker opens, then probes',
  },
  {
    number: 25,
    title: 'connection lost after a mutation was sent',
    promise: 'not sent again; the object is read, then UPSTREAM_OUTCOME_UNKNOWN; the upstream got exactly one request',
  },
  { number: 26, title: 'client disconnects during a request', promise: 'upstream requests are aborted' },
  {
    number: 27,
    title: 'one of several nested requests fails',
    promise: 'partial data, and an error with a path',
  },
  { number: 28, title: 'cached data, then 401/403 from upstream', promise: 'the cached data is not used again' },
  {
    number: 29,
    title: 'rows are inserted and removed during a relist',
    promise: 'no false REMOVED, no missed final state (model-based, thousands of seeded histories)',
  },
  {
    number: 30,
    title: '404 on page 3 of a relist; one empty list with 200',
    promise: 'treated as the end of the list; REMOVED only after confirmation',
  },
  {
    number: 31,
    title: 'two poll responses out of order; `modified` goes backwards',
    promise: 'no object returns to an older state',
  },
  {
    number: 32,
    title: 'reconnect with a cursor that is valid, too old, forged, of another caller',
    promise: "the missed events; RESET; RESET; RESET, each followed by the caller's own INITIAL events only",
  },
  {
    number: 33,
    title: 'a subscriber that stops reading',
    promise: 'closed with 1013; constant memory; others are unaffected',
  },
  {
    number: 34,
    title: '5,000 subscriptions on one WebSocket',
    promise: 'rejected above the limit; the others continue',
  },
  { number: 35, title: 'no connection_init; authentication hangs', promise: 'closed after a timeout' },
  {
    number: 36,
    title: 'token revoked during a subscription',
    promise: 'ends within one poll interval with UNAUTHENTICATED',
  },
  {
    number: 37,
    title: 'SIGTERM under load',
    promise:
      'not ready first; HTTP requests finish; WebSockets are closed over a period with a retryable code; exit code 0 within 15 s',
  },
  {
    number: 38,
    title: '100,000 connect/subscribe/close cycles',
    promise: 'no timers, listeners or informers remain; the heap does not grow',
  },
  {
    number: 39,
    title: 'Redis killed, restarted, flushed, slow, under each of query, mutation, subscription',
    promise: 'queries delayed by at most 100 ms; subscriptions get RESET and the final state',
  },
  {
    number: 40,
    title: 'the leader of an informer is killed, or stopped and resumed',
    promise: 'another leader within 10 s; the resumed one is fenced off; no final state is lost',
  },
  {
    number: 41,
    title: 'port in use, invalid setting, unreachable upstream at startup',
    promise: 'one line and exit code 1; with an unreachable upstream the gateway runs but is not ready',
  },
  { number: 42, title: 'upstream uses the old spelling of states', promise: 'no difference' },
  {
    number: 43,
    title: 'only `modified` of 5,000 settled snapshots changes at once',
    promise: 'no events for documents without `modified`; others get one event per object; bounded queues',
  },
  {
    number: 44,
    title: 'the upstream processes the requests of one user one at a time (as Waldur does), one of them is slow',
    promise: "queries of other callers are unaffected; the caller's polls pause during its queries",
  },
  {
    number: 45,
    title: 'unlink and PATCH overlap, so a deleted snapshot reappears; DELETE then PATCH, so the deletion is lost',
    promise: 'REMOVED, then ADDED; the last state is sent',
  },
  {
    number: 46,
    title: '`error_traceback` remains on an object that is OK again; `error_message` is cleared by the request',
    promise: 'returned as in Waldur; `displayStatus` follows `state`',
  },
  {
    number: 47,
    title: 'a WebSocket without credentials that sends (pings, frames, invalid documents, large pings) and never reads',
    promise: 'closed with 1013 or disconnected; constant memory; others are unaffected',
  },
  {
    number: 48,
    title: 'HTTP responses that are not read; a WebSocket message that never ends; a close that is never acknowledged',
    promise: 'disconnected when a deadline passes without progress',
  },
  {
    number: 49,
    title: 'many large upstream responses at once',
    promise: 'limited in total; the others wait or fail with UPSTREAM_BUSY',
  },
  {
    number: 50,
    title:
      'forged `X-Forwarded-For` entries before that of a trusted proxy; with ports, brackets, spaces; IPv6 spellings',
    promise: 'only the client address is sent upstream; limits and cache keys use it',
  },
  {
    number: 51,
    title: 'the system time changes by seconds or an hour; the process is suspended and resumed',
    promise: 'all durations are unaffected: subscriptions, cache, circuit breaker, limits, readiness',
  },
  {
    number: 52,
    title: '`X-Result-Count` missing, negative, 10^14, or different from the number of rows',
    promise: 'a limited number of requests; no false empty list; no error that blames the client',
  },
  {
    number: 53,
    title: 'one connection with 1,500 pipelined list queries; anonymous introspection in a loop',
    promise: '99th percentile of other connections <= 100 ms',
  },
  { number: 54, title: 'stderr closed, full, slow', promise: 'requests continue; dropped lines are counted' },
  {
    number: 55,
    title: 'objects stuck in a transitional state for hours among settled ones',
    promise: 'after 5 minutes they cost nothing; a moving neighbour is still reported within 2.5 s',
  },
  {
    number: 56,
    title: 'a state change or a removal in a quiet scope of 600, of 5,000 objects',
    promise: 'reported within 12 s, 20 s (95th percentile) at 12, 25 requests a minute; also without `X-Result-Count`',
  },
  {
    number: 57,
    title: 'fields, fragments and spreads under `@skip` and `@include`, by literal, by variable and by default value',
    promise: 'what they leave out is not requested, is no reason for an event, and counts for no cost or limit',
  },
  {
    number: 58,
    title: 'a row is inserted or removed between the REST pages of one list',
    promise: 'no uuid twice; no row is missing that was there the whole time; a limited number of requests',
  },
  {
    number: 59,
    title: 'a stream that starts from nothing, also after a silent resubscription, or while Waldur fails',
    promise: 'RESET first, when the scope has been read; no row is shown that is gone; an outage empties no table',
  },
  {
    number: 60,
    title: 'three replicas with one Redis and subscribers of one caller on all',
    promise: 'one polls; a mutation on any is reported on all within 1 s; cursors are accepted by all',
  },
  {
    number: 61,
    title: 'the leader is cut off from Redis; clocks of replicas are hours apart',
    promise:
      'another leads within 10 s; both sides report all changes; afterwards one leads, nothing is lost or invented',
  },
  {
    number: 62,
    title:
      'Redis is read by others, or entries are truncated, of another shape or type, swapped between keys; lost generations',
    promise:
      'nothing is readable; what cannot be verified is treated as absent; nothing from before a change is served',
  },
  {
    number: 63,
    title: 'Redis absent at startup, wrong password, killed, suspended, full, read-only, without permissions',
    promise:
      'one log line per outage and one at its end, without the password; counted; queries delayed by at most 100 ms',
  },
  {
    number: 64,
    title: 'SIGTERM to `npm start` and to the process, twice; with and without open sockets; under load',
    promise:
      'not ready first; no reset of 24 keep-alive clients; sockets are closed with 1012; exit code 0 within 15 s, no orphan; a second signal exits at once',
  },
  {
    number: 65,
    title: 'production without `WALDUR_API_URL`; `WALDUR_URL` instead',
    promise: 'one line, exit code 1, names the variable that was meant; outside production one warning names it',
  },
  {
    number: 66,
    title: 'rolling restart of three replicas behind nginx, with subscribers and clients whose connections stay open',
    promise:
      'no request fails and nothing is reset; no subscriber misses a final state or gets a false removal; reconnections are spread over time; each replica ends with code 0',
  },
  {
    number: 67,
    title: 'impersonation header that is malformed, doubled, empty, or sent while impersonation is disabled',
    promise:
      'BAD_USER_INPUT, or FORBIDDEN while disabled, on every transport; 0 requests, never with the rights of the sender',
  },
  {
    number: 68,
    title: 'another spelling of the scheme, extra spaces, or a forged address, to avoid a limit',
    promise: 'one caller with one limit; Waldur gets one spelling',
  },
  {
    number: 69,
    title: 'a WebSocket message of 1 MiB with 100,000 members; 3,000 nested brackets in variables',
    promise: 'an error for that id within bounded time; the socket stays open',
  },
  {
    number: 70,
    title: 'documents and operation names with NUL, separators, lone surrogates; parts with equal hashes',
    promise: 'never the plan or answer of another document',
  },
  {
    number: 71,
    title: '300 clients disconnect during a response, a stream, or a WebSocket operation',
    promise: 'nothing is logged as a warning or an error; disconnects are counted',
  },
  {
    number: 72,
    title: 'slow lists of a few callers; then a Waldur that is down',
    promise: 'the circuit breaker stays closed for other callers; an outage still opens it',
  },
  {
    number: 73,
    title:
      'pages of the gateway behind proxies that change `Host`; default ports; a path prefix, by `BASE_PATH` or `X-Forwarded-Prefix`',
    promise:
      'WebSockets and pages work with a trusted proxy, and a forged prefix is ignored; otherwise one log line per origin names the settings',
  },
  {
    number: 74,
    title: 'settings that can never match: `ALLOWED_ORIGINS=*`, a CIDR range as `HOST`, a host name as proxy',
    promise: 'one line at startup that names the variable and the value, exit code 1',
  },
  {
    number: 75,
    title: 'upstream sends a second response or other bytes on a connection that stays open',
    promise:
      'the connection is closed; no other request gets the response. A response that crosses a request on the network cannot be recognised; it affects one request at most',
  },
];
