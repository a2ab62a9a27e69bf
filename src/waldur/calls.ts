import type { StopSignal } from '../stop.ts';
import { Breaker } from './breaker.ts';
import { type Answer, judge } from './classify.ts';
import { UpstreamError, type UpstreamKind } from './errors.ts';
import { Gate } from './gate.ts';
import { isTransient, isUp, RetryBudget } from './retry.ts';
import { type Exchange, type Outcome, Transport } from './transport.ts';
import type { CallContext, UpstreamCaller } from './types.ts';

/** One exchange with the upstream, for metrics and logs; nothing in it comes from a client or from the upstream's texts. */
export interface CallInfo {
  readonly method: Exchange['method'];
  /** The path with `{uuid}` in place of what varies. */
  readonly route: string;
  /** Of the answer, where there was one. */
  readonly status?: number;
  /** From the request to the end of the answer. */
  readonly ms: number;
  readonly kind: 'ok' | UpstreamKind;
  /** Second try of a call. */
  readonly retry: boolean;
}

export interface WaldurClientOptions {
  /** Address of the Waldur, with or without `/api/`. */
  readonly url: string;
  /** How long one exchange may take, in ms. */
  readonly attemptTimeoutMs: number;
  /** How long a call may take with waiting and its second try, in ms, where its context has no deadline. */
  readonly overallTimeoutMs: number;
  /** Most bytes of an answer, before and after decompression. */
  readonly maxBodyBytes: number;
  /** Exchanges at the same time for one caller. */
  readonly perCallerConcurrency: number;
  /** Exchanges at the same time in all. */
  readonly totalConcurrency: number;
  /** Calls that may wait for their turn. */
  readonly queueLimit: number;
  /** Connections at the same time; by default as many as exchanges. */
  readonly connections?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** 0 to 1. */
  readonly random?: () => number;
  /** Told after each exchange, with the context of its call. */
  readonly onCall?: (info: CallInfo, context: CallContext) => void;
}

export interface Call {
  readonly method: Exchange['method'];
  readonly route: string;
  /** Under the API's base, encoded, with its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

const RETRY_PAUSE_MS = 50;

/** Sends calls: bounded in number, within a deadline, a GET twice if need be, and turns what is no success into a typed error. */
export class Calls {
  readonly #options: WaldurClientOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #transport: Transport;
  readonly #gate: Gate;
  readonly #breaker: Breaker;
  readonly #budget: RetryBudget;
  readonly #base: string;

  constructor(options: WaldurClientOptions) {
    const { origin, base } = splitAddress(options.url);
    const now = options.now ?? Date.now;
    this.#options = options;
    this.#now = now;
    this.#random = options.random ?? Math.random;
    this.#base = base;
    this.#transport = new Transport({
      origin,
      connections: options.connections ?? options.totalConcurrency,
      maxBodyBytes: options.maxBodyBytes,
      connectTimeoutMs: options.attemptTimeoutMs,
    });
    this.#gate = new Gate({
      perCaller: options.perCallerConcurrency,
      total: options.totalConcurrency,
      queueLimit: options.queueLimit,
    });
    this.#breaker = new Breaker({ now });
    this.#budget = new RetryBudget({ now });
  }

  /** @throws UpstreamError for everything but a 2xx. */
  async send(caller: UpstreamCaller, call: Call, context: CallContext): Promise<Answer> {
    const deadline = context.deadline ?? this.#now() + this.#options.overallTimeoutMs;
    if (context.signal?.aborted) throw new UpstreamError('aborted');
    const left = deadline - this.#now();
    if (left <= 0) throw new UpstreamError('timeout', { requestId: context.requestId });
    const turn = this.#gate.enter(caller.key, left, context.signal);
    if (turn !== undefined) await turn;
    try {
      return await this.#attempt(caller, call, context, deadline);
    } finally {
      this.#gate.leave(caller.key);
    }
  }

  /** Whether any HTTP answer comes at all; on behalf of nobody, beside all bounds and not counted. */
  async probe(): Promise<boolean> {
    const outcome = await this.#transport.send({
      method: 'GET',
      path: this.#base,
      headers: ['accept', 'application/json'],
      body: null,
      timeoutMs: this.#options.attemptTimeoutMs,
      signal: undefined,
    });
    return outcome.kind === 'answer';
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #attempt(caller: UpstreamCaller, call: Call, context: CallContext, deadline: number): Promise<Answer> {
    const write = call.method !== 'GET';
    const exchange: Omit<Exchange, 'timeoutMs'> = {
      method: call.method,
      path: this.#base + call.path,
      headers: headersOf(caller, call, context),
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: context.signal,
    };
    this.#budget.recordCall();
    let outcome = await this.#exchange(exchange, call, context, deadline, false);
    if (!write && isTransient(outcome) && this.#mayRetry(deadline)) {
      await pause(this.#random() * RETRY_PAUSE_MS, context.signal);
      outcome = await this.#exchange(exchange, call, context, deadline, true);
    }
    const result = judge(outcome, { write, requestId: context.requestId, now: this.#now() });
    if (result instanceof UpstreamError) throw result;
    return result;
  }

  #mayRetry(deadline: number): boolean {
    return this.#now() + RETRY_PAUSE_MS < deadline && !this.#breaker.isOpen && this.#budget.take();
  }

  async #exchange(
    exchange: Omit<Exchange, 'timeoutMs'>,
    call: Call,
    context: CallContext,
    deadline: number,
    retry: boolean,
  ): Promise<Outcome> {
    const started = this.#now();
    const timeoutMs = Math.min(this.#options.attemptTimeoutMs, deadline - started);
    // Waiting for its turn may have taken all of the time.
    if (timeoutMs <= 0) return { kind: 'timeout', sent: false };
    const permit = this.#breaker.permit();
    if (permit === undefined) return { kind: 'unreachable' };
    let outcome: Outcome | undefined;
    try {
      outcome = await this.#transport.send({ ...exchange, timeoutMs });
      return outcome;
    } finally {
      // Also for a request that could not be one: a probe must not stay out for ever.
      this.#breaker.record(permit, outcome === undefined ? undefined : isUp(outcome));
      if (outcome !== undefined) this.#report(outcome, call, context, started, retry);
    }
  }

  #report(outcome: Outcome, call: Call, context: CallContext, started: number, retry: boolean): void {
    const onCall = this.#options.onCall;
    if (onCall === undefined) return;
    const now = this.#now();
    const result = judge(outcome, { write: call.method !== 'GET', requestId: context.requestId, now });
    const info: CallInfo = {
      method: call.method,
      route: call.route,
      ms: now - started,
      kind: result instanceof UpstreamError ? result.kind : 'ok',
      retry,
      ...(outcome.kind === 'answer' && { status: outcome.status }),
    };
    onCall(info, context);
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

function pause(ms: number, signal: StopSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal?.addEventListener('abort', over);
  });
}

/** @throws TypeError for an address that is none. */
export function splitAddress(url: string): { origin: string; base: string } {
  const { origin, pathname } = new URL(url);
  const path = pathname.replace(/\/+$/, '');
  return { origin, base: path === '/api' || path.endsWith('/api') ? `${path}/` : `${path}/api/` };
}
