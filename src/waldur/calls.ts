import { Breaker } from './breaker.ts';
import type { Answer } from './classify.ts';
import { UpstreamError, type UpstreamKind } from './errors.ts';
import { Gate } from './gate.ts';
import { RetryBudget } from './retry.ts';
import { type Means, Sending, type Sent } from './sending.ts';
import { type Exchange, type Outcome, Transport } from './transport.ts';
import type { CallContext, UpstreamCaller } from './types.ts';

/** One exchange with the upstream, for metrics and logs; nothing in it comes from a client or from the upstream's texts. */
export interface CallInfo {
  readonly method: Exchange['method'];
  /** The path with `{uuid}` in place of what varies. */
  readonly route: string;
  /** Of the answer, where there was one. */
  readonly status: number | undefined;
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

/** Sends calls: bounded in number, within a deadline, a GET twice if need be, and turns what is no success into a typed error. */
export class Calls {
  readonly #options: WaldurClientOptions;
  readonly #means: Means;
  readonly #gate: Gate;
  readonly #base: string;

  constructor(options: WaldurClientOptions) {
    const { origin, base } = splitAddress(options.url);
    const { now = Date.now, random = Math.random, attemptTimeoutMs } = options;
    this.#options = options;
    this.#base = base;
    const transport = new Transport({
      origin,
      connections: options.connections ?? options.totalConcurrency,
      maxBodyBytes: options.maxBodyBytes,
      connectTimeoutMs: attemptTimeoutMs,
    });
    const breaker = new Breaker({ now });
    const budget = new RetryBudget({ now });
    this.#means = { transport, breaker, budget, attemptTimeoutMs, now, random };
    this.#gate = new Gate({
      perCaller: options.perCallerConcurrency,
      total: options.totalConcurrency,
      queueLimit: options.queueLimit,
    });
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
      const sent = this.#prepare(caller, call, context, read);
      const go = (): void => {
        this.#means.budget.recordCall();
        new Sending(this.#means, sent, resolve, reject).attempt(false);
      };
      const turn = this.#gate.enter(caller.key, sent.deadline - this.#means.now(), context.signal);
      if (turn === undefined) go();
      else turn.then(go).catch(reject);
    });
  }

  /** @throws UpstreamError when there is nobody left to ask for, or no time. */
  #prepare<Value>(
    caller: UpstreamCaller,
    call: Call,
    context: CallContext,
    read: (answer: Answer) => Value,
  ): Sent<Value> {
    const now = this.#means.now();
    const deadline = context.deadline ?? now + this.#options.overallTimeoutMs;
    if (context.signal?.aborted) throw new UpstreamError('aborted');
    if (deadline <= now) throw new UpstreamError('timeout', { requestId: context.requestId });
    const exchange = {
      method: call.method,
      path: this.#base + call.path,
      headers: headersOf(caller, call, context),
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: context.signal,
    };
    return {
      exchange,
      requestId: context.requestId,
      deadline,
      read,
      onExchange: (outcome, result, startedAt, retry) => this.#report(call, context, outcome, result, startedAt, retry),
      onOver: () => this.#gate.leave(caller.key),
    };
  }

  /** Whether any HTTP answer comes at all; on behalf of nobody, beside all bounds and not counted. */
  async probe(): Promise<boolean> {
    const outcome = await this.#means.transport.send({
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
    return this.#means.transport.close();
  }

  #report(
    { method, route }: Call,
    context: CallContext,
    outcome: Outcome,
    result: Answer | UpstreamError,
    startedAt: number,
    retry: boolean,
  ): void {
    const { onCall } = this.#options;
    if (onCall === undefined) return;
    const info: CallInfo = {
      method,
      route,
      ms: this.#means.now() - startedAt,
      kind: result instanceof UpstreamError ? result.kind : 'ok',
      retry,
      status: outcome.kind === 'answer' ? outcome.status : undefined,
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

/** @throws TypeError for an address that is none. */
export function splitAddress(url: string): { origin: string; base: string } {
  const { origin, pathname } = new URL(url);
  const path = pathname.replace(/\/+$/, '');
  return { origin, base: path === '/api' || path.endsWith('/api') ? `${path}/` : `${path}/api/` };
}
