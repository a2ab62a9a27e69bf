import { SYSTEM_TIME, type Time } from '../runtime/time.ts';
import { Breaker } from './breaker.ts';
import type { Answer } from './classify.ts';
import { UpstreamError } from './errors.ts';
import { FairSemaphore } from './fair-semaphore.ts';
import { type CallInfo, type Means, PendingCall, type Sent } from './pending-call.ts';
import { RetryBudget } from './retry.ts';
import { type Exchange, Transport } from './transport.ts';
import type { CallContext, UpstreamCaller } from './types.ts';

export interface WaldurClientOptions {
  /** Address of the Waldur, with or without `/api/`. */
  readonly url: string;
  /** How long one exchange may take, in ms. */
  readonly attemptTimeoutMs: number;
  /** How long a call may take with waiting and its second try, in ms, where its context has no deadline. */
  readonly overallTimeoutMs: number;
  /** Most bytes of an answer, before and after decompression. */
  readonly maxBodyBytes: number;
  /** Most bytes of all answers on their way in together, 128 MiB by default; small ones count for nothing. See `BodyBudget`. */
  readonly maxBodiesBytes?: number;
  /** Exchanges at the same time for one caller. */
  readonly perCallerConcurrency: number;
  /** Exchanges at the same time in all. */
  readonly totalConcurrency: number;
  /** Calls that may wait for their turn. */
  readonly queueLimit: number;
  /** Connections at the same time; by default as many as exchanges. */
  readonly connections?: number;
  /** Measures durations, and when all of an operation must be over; see `Time`. */
  readonly now?: Time['now'];
  /** The system's time; see `Time`. */
  readonly wallNow?: Time['wallNow'];
  /** 0 to 1. */
  readonly random?: () => number;
  /** Told after each exchange, with the context of its call. */
  readonly onCall?: (info: CallInfo, context: CallContext) => void;
  /** Told of each connection that could not be opened, and why. */
  readonly onNoConnection?: (reason: Error) => void;
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

/** Sends calls: bounded in number, within a deadline, a GET twice if need be, and turns what is no success into a typed error. */
export class Calls {
  readonly #options: WaldurClientOptions;
  readonly #means: Means;
  readonly #base: string;

  constructor(options: WaldurClientOptions) {
    const { origin, base } = splitAddress(options.url);
    const { now = SYSTEM_TIME.now, wallNow = SYSTEM_TIME.wallNow } = options;
    const { random = Math.random, attemptTimeoutMs, onCall } = options;
    this.#options = options;
    this.#base = base;
    const transport = new Transport({
      origin,
      connections: options.connections ?? options.totalConcurrency,
      maxBodyBytes: options.maxBodyBytes,
      maxBodiesBytes: options.maxBodiesBytes ?? MAX_BODIES_BYTES,
      connectTimeoutMs: attemptTimeoutMs,
      onNoConnection: options.onNoConnection,
    });
    const breaker = new Breaker({ now });
    const budget = new RetryBudget({ now });
    const gate = new FairSemaphore({
      perCaller: options.perCallerConcurrency,
      total: options.totalConcurrency,
      queueLimit: options.queueLimit,
    });
    this.#means = { transport, breaker, budget, gate, attemptTimeoutMs, now, wallNow, random, onCall };
  }

  /**
   * @param read makes of the answer what it says.
   * @throws UpstreamError for everything but a 2xx, and what `read` throws.
   */
  send<Value>(
    caller: UpstreamCaller,
    call: Call,
    context: CallContext,
    read: (answer: Answer) => Value,
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      const { gate, now } = this.#means;
      const at = now();
      const sent = this.#prepare(caller, call, context, read, at);
      const sending = new PendingCall(this.#means, sent, resolve, reject);
      const turn = gate.enter(caller.key, sent.deadline - at, context.signal);
      if (turn === undefined) sending.begin();
      else turn.then(() => sending.begin()).catch(reject);
    });
  }

  /** @throws UpstreamError when there is nobody left to ask for, or no time. */
  #prepare<Value>(
    caller: UpstreamCaller,
    call: Call,
    context: CallContext,
    read: (answer: Answer) => Value,
    now: number,
  ): Sent<Value> {
    const { deadline = now + this.#options.overallTimeoutMs, signal, requestId } = context;
    if (signal?.aborted) throw new UpstreamError('aborted');
    if (deadline <= now) throw new UpstreamError('timeout', { requestId });
    const exchange = {
      method: call.method,
      path: this.#base + call.path,
      headers: headersOf(caller, call, context),
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal,
    };
    return { exchange, route: call.route, callerKey: caller.key, context, deadline, read };
  }

  /** Whether any HTTP answer comes at all; on behalf of nobody, beside all bounds and not counted. */
  async probe(): Promise<boolean> {
    const { transport, attemptTimeoutMs } = this.#means;
    const headers = ['accept', 'application/json'];
    const exchange = { method: 'GET', path: this.#base, headers, body: null, signal: undefined } as const;
    const outcome = await transport.send(exchange, attemptTimeoutMs);
    return outcome.kind === 'answer';
  }

  close(): Promise<void> {
    return this.#means.transport.close();
  }
}

/** The allow-list. Order and spelling of what a client sent play no part: these names and nothing else. */
const CALLER_HEADERS = ['authorization', 'x-impersonated-user-uuid', 'x-forwarded-for', 'accept-language'] as const;

function headersOf(caller: UpstreamCaller, call: Call, context: CallContext): string[] {
  const headers = ['accept', 'application/json'];
  for (const name of CALLER_HEADERS) {
    const value = caller.headers[name];
    if (value !== undefined) headers.push(name, value);
  }
  if (context.requestId !== undefined) headers.push('x-request-id', context.requestId);
  if (call.body !== undefined) headers.push('content-type', 'application/json');
  return headers;
}

/** @throws TypeError for an address that is none. */
export function splitAddress(url: string): { origin: string; base: string } {
  const { origin, pathname } = new URL(url);
  const path = pathname.replace(/\/+$/, '');
  return { origin, base: path === '/api' || path.endsWith('/api') ? `${path}/` : `${path}/api/` };
}
