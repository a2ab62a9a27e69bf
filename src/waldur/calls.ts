import type { Span } from '../runtime/span.ts';
import { SYSTEM_TIME, type Time } from '../runtime/time.ts';
import { Breaker, type BreakerState } from './breaker.ts';
import type { Answer } from './classify.ts';
import { UpstreamError } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { FairSemaphore } from './fair-semaphore.ts';
import { UpstreamHealth } from './health.ts';
import { type CallDeps, type CallInfo, type OutgoingCall, PendingCall } from './pending-call.ts';
import { RetryBudget } from './retry.ts';
import { Transport } from './transport.ts';
import type { CallContext, UpstreamCaller } from './types.ts';

export interface WaldurClientOptions {
  /** Address of Waldur, with or without `/api/`. */
  readonly url: string;
  /** How long one exchange may take, in ms. */
  readonly attemptTimeoutMs: number;
  /** Time limit of a call including waiting and its second attempt, in ms, when its context has no deadline. */
  readonly overallTimeoutMs: number;
  /** Maximum size of a response, before and after decompression. */
  readonly maxBodyBytes: number;
  /** Maximum size of all responses being received, 128 MiB by default; small ones do not count. See `BodyBudget`. */
  readonly maxBodiesBytes?: number;
  /** Exchanges at the same time for one caller. */
  readonly perCallerConcurrency: number;
  /** Exchanges at the same time in all. */
  readonly totalConcurrency: number;
  /** Maximum number of waiting calls. */
  readonly queueLimit: number;
  /** Connections at the same time; by default as many as exchanges. */
  readonly connections?: number;
  /** Measures durations, and when all of an operation must be over; see `Time`. */
  readonly now?: Time['now'];
  /** The system's time; see `Time`. */
  readonly wallNow?: Time['wallNow'];
  /** 0 to 1. */
  readonly random?: () => number;
  /** Called after each exchange, with the context of its call. */
  readonly onCall?: (info: CallInfo, context: CallContext) => void;
  /** Called for each connection that could not be opened, with the reason. */
  readonly onNoConnection?: (reason: Error) => void;
  /** Called once when an outage begins; see `UpstreamHealth`. */
  readonly onOutage?: (reason: Error) => void;
  /** Called once when an outage is over. @param ms how long it lasted. */
  readonly onRecovery?: (ms: number) => void;
}

/** The present state of a client. */
export interface UpstreamState {
  /** Calls in flight. */
  readonly running: number;
  /** Calls that wait for a place. */
  readonly waiting: number;
  /** Waldur cannot be reached, or answers with 5xx only. */
  readonly isDown: boolean;
  readonly breaker: BreakerState;
}

export interface Call {
  readonly method: Exchange['method'];
  readonly route: string;
  /** Under the API's base, encoded, with its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

const MAX_BODIES_BYTES = 128 * 1_048_576;

/** Sends calls with limited concurrency and a deadline, retries a GET once, and turns failures into typed errors. */
export class Calls {
  readonly #options: WaldurClientOptions;
  readonly #deps: CallDeps;
  readonly #base: string;

  constructor(options: WaldurClientOptions) {
    const { origin, base } = splitAddress(options.url);
    const { now = SYSTEM_TIME.now, wallNow = SYSTEM_TIME.wallNow } = options;
    const { random = Math.random, attemptTimeoutMs, onCall } = options;
    this.#options = options;
    this.#base = base;
    const health = new UpstreamHealth({ now, onOutage: options.onOutage, onRecovery: options.onRecovery });
    const transport = new Transport({
      origin,
      connections: options.connections ?? options.totalConcurrency,
      maxBodyBytes: options.maxBodyBytes,
      maxBodiesBytes: options.maxBodiesBytes ?? MAX_BODIES_BYTES,
      connectTimeoutMs: attemptTimeoutMs,
      onNoConnection(reason) {
        health.noConnection(reason);
        options.onNoConnection?.(reason);
      },
    });
    const breaker = new Breaker({ now });
    const budget = new RetryBudget({ now });
    const semaphore = new FairSemaphore({
      perCaller: options.perCallerConcurrency,
      total: options.totalConcurrency,
      queueLimit: options.queueLimit,
    });
    this.#deps = { transport, health, breaker, budget, semaphore, attemptTimeoutMs, now, wallNow, random, onCall };
  }

  /**
   * @param read reads the value from the response.
   * @throws UpstreamError for everything but a 2xx, and what `read` throws.
   */
  send<Value>(
    caller: UpstreamCaller,
    call: Call,
    context: CallContext,
    read: (answer: Answer) => Value,
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      const { semaphore, now } = this.#deps;
      const at = now();
      const span = context.span?.child(`${call.method} ${call.route}`, 'client', {
        'http.request.method': call.method,
        'url.template': call.route,
      });
      const outgoing = this.#prepare(caller, call, context, read, at, span);
      const pendingCall = new PendingCall(
        this.#deps,
        outgoing,
        span === undefined ? resolve : endsSpan(span, resolve),
        span === undefined ? reject : failsSpan(span, reject),
      );
      const turn = semaphore.enter(caller.key, outgoing.deadline - at, context.signal);
      if (turn === undefined) pendingCall.begin();
      else turn.then(() => pendingCall.begin()).catch(span === undefined ? reject : failsSpan(span, reject));
    });
  }

  /** @throws UpstreamError when the call was aborted or its deadline has passed. */
  #prepare<Value>(
    caller: UpstreamCaller,
    call: Call,
    context: CallContext,
    read: (answer: Answer) => Value,
    now: number,
    span: Span | undefined,
  ): OutgoingCall<Value> {
    const { deadline = now + this.#options.overallTimeoutMs, signal, requestId } = context;
    if (signal?.aborted) throw new UpstreamError('aborted');
    if (deadline <= now) throw new UpstreamError('timeout', { requestId });
    const exchange = {
      method: call.method,
      path: this.#base + call.path,
      headers: headersOf(caller, call, context, span),
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal,
    };
    return { exchange, route: call.route, callerKey: caller.key, context, deadline, read, span };
  }

  get state(): UpstreamState {
    const { semaphore, health, breaker } = this.#deps;
    const { running, waiting } = semaphore;
    return { running, waiting, isDown: health.isDown, breaker: breaker.state };
  }

  /** Whether Waldur sends a response other than 5xx. Sent without credentials, outside all limits and metrics. */
  async probe(): Promise<boolean> {
    const { transport, health, attemptTimeoutMs } = this.#deps;
    const headers = ['accept', 'application/json'];
    const exchange = { method: 'GET', path: this.#base, headers, body: null, signal: undefined } as const;
    return health.recordProbe(await transport.send(exchange, attemptTimeoutMs));
  }

  /**
   * The version of Waldur, for people. Sent outside all limits and metrics.
   * @returns undefined when this caller may not read it, or when it does not come in time.
   */
  async version(caller: UpstreamCaller, timeoutMs: number): Promise<string | undefined> {
    const call = { method: 'GET', route: VERSION_PATH, path: VERSION_PATH } as const;
    const headers = headersOf(caller, call, {});
    const exchange = {
      method: 'GET',
      path: this.#base + VERSION_PATH,
      headers,
      body: null,
      signal: undefined,
    } as const;
    const outcome = await this.#deps.transport.send(exchange, timeoutMs);
    return outcome.kind === 'answer' && outcome.status === 200 ? versionIn(outcome.body) : undefined;
  }

  close(): Promise<void> {
    return this.#deps.transport.close();
  }
}

const endsSpan =
  <Value>(span: Span, resolve: (value: Value) => void) =>
  (value: Value): void => {
    span.end();
    resolve(value);
  };

const failsSpan =
  (span: Span, reject: (error: unknown) => void) =>
  (error: unknown): void => {
    span.end(error instanceof UpstreamError ? error.kind : 'error');
    reject(error);
  };

const VERSION_PATH = 'version/';

/** Only what a version can look like: it is shown to people as it is. */
function versionIn(body: string): string | undefined {
  try {
    const { version }: { version?: unknown } = Object(JSON.parse(body));
    return typeof version === 'string' && /^[\w.+-]{1,64}$/.test(version) ? version : undefined;
  } catch {
    return undefined;
  }
}

/** The allow-list of client headers that go upstream. */
const CALLER_HEADERS = ['authorization', 'x-impersonated-user-uuid', 'x-forwarded-for', 'accept-language'] as const;

function headersOf(caller: UpstreamCaller, call: Call, context: CallContext, span?: Span): string[] {
  const headers = ['accept', 'application/json'];
  for (const name of CALLER_HEADERS) {
    const value = caller.headers[name];
    if (value !== undefined) headers.push(name, value);
  }
  if (context.requestId !== undefined) headers.push('x-request-id', context.requestId);
  if (span !== undefined) headers.push(...Object.entries(span.headers).flat());
  if (call.body !== undefined) headers.push('content-type', 'application/json');
  return headers;
}

/** @throws TypeError for an invalid address. */
export function splitAddress(url: string): { origin: string; base: string } {
  const { origin, pathname } = new URL(url);
  const path = pathname.replace(/\/+$/, '');
  return { origin, base: path === '/api' || path.endsWith('/api') ? `${path}/` : `${path}/api/` };
}
