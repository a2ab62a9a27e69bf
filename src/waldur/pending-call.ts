import type { AbortToken } from '../runtime/abort-token.ts';
import type { Time } from '../runtime/time.ts';
import type { Breaker, Permit } from './breaker.ts';
import { type Answer, judge } from './classify.ts';
import { UpstreamError, type UpstreamKind } from './errors.ts';
import type { FairSemaphore } from './fair-semaphore.ts';
import { isTransient, isUp, type RetryBudget } from './retry.ts';
import type { Exchange, ExchangeEnd, Outcome, Transport } from './transport.ts';
import type { CallContext } from './types.ts';

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

/** What all calls are sent with. */
export interface Means {
  readonly transport: Transport;
  readonly breaker: Breaker;
  readonly budget: RetryBudget;
  readonly gate: FairSemaphore;
  /** How long one exchange may take, in ms. */
  readonly attemptTimeoutMs: number;
  readonly now: Time['now'];
  readonly wallNow: Time['wallNow'];
  /** 0 to 1. */
  readonly random: () => number;
  /** Told after each exchange, with the context of its call. */
  readonly onCall: ((info: CallInfo, context: CallContext) => void) | undefined;
}

/** One call on its way. */
export interface Sent<Value> {
  readonly exchange: Exchange;
  readonly route: string;
  /** Whose place in the gate it holds. */
  readonly callerKey: string;
  readonly context: CallContext;
  /** When all of it must be over, by `now`. */
  readonly deadline: number;
  /**
   * What the answer says. It is read where it came in, before anything waits: what waited for an answer is old by then, and whatever
   * old objects point to is not given free until a full collection.
   */
  readonly read: (answer: Answer) => Value;
}

const RETRY_PAUSE_MS = 50;

/** Sends one call; a GET a second time if need be. One object and one promise for all of its way. */
export class PendingCall<Value> implements ExchangeEnd {
  readonly #means: Means;
  readonly #sent: Sent<Value>;
  readonly #resolve: (value: Value) => void;
  readonly #reject: (error: unknown) => void;
  #isRetry = false;
  #startedAt = 0;
  /** When all of its answer was here; 0 before. */
  #receivedAt = 0;
  /** Of the exchange under way. */
  #permit: Permit = 'normal';

  constructor(means: Means, sent: Sent<Value>, resolve: (value: Value) => void, reject: (error: unknown) => void) {
    this.#means = means;
    this.#sent = sent;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Its place in the gate has been taken. */
  begin(): void {
    this.#means.budget.recordCall();
    this.#attempt();
  }

  #attempt(): void {
    const { transport, breaker, attemptTimeoutMs, now } = this.#means;
    const { exchange, deadline } = this.#sent;
    this.#startedAt = now();
    this.#receivedAt = 0;
    const timeoutMs = Math.min(attemptTimeoutMs, deadline - this.#startedAt);
    // Waiting for its turn may have taken all of the time.
    if (timeoutMs <= 0) {
      this.#unsent({ kind: 'timeout', sent: false });
      return;
    }
    const permit = breaker.permit();
    if (permit === undefined) {
      this.#unsent({ kind: 'unreachable' });
      return;
    }
    this.#permit = permit;
    transport.exchange(exchange, timeoutMs, this);
  }

  /** The transport's. */
  received(): void {
    this.#receivedAt = this.#means.now();
  }

  /** The transport's. */
  settled(outcome: Outcome): void {
    const { breaker, now } = this.#means;
    const at = now();
    breaker.record(this.#permit, isUp(outcome));
    const result = this.#judge(outcome);
    try {
      this.#report(outcome, result, at);
    } catch {
      // Whatever becomes of a report, whoever waits for the answer gets it, and its place is given back.
    }
    this.#over(outcome, result);
  }

  /** The transport's, of a request that could not be one: a probe must not stay out for ever. */
  refused(error: Error): void {
    this.#means.breaker.record(this.#permit, undefined);
    this.#leave();
    this.#reject(error);
  }

  #unsent(outcome: Outcome): void {
    this.#over(outcome, this.#judge(outcome));
  }

  #over(outcome: Outcome, result: Answer | UpstreamError): void {
    if (!this.#isRetry && !this.#isWrite() && isTransient(outcome) && this.#mayRetry()) {
      pause(this.#means.random() * RETRY_PAUSE_MS, this.#sent.exchange.signal, () => {
        this.#isRetry = true;
        this.#attempt();
      });
      return;
    }
    this.#leave();
    if (result instanceof UpstreamError) {
      this.#reject(result);
      return;
    }
    try {
      this.#resolve(this.#sent.read(result));
    } catch (error) {
      this.#reject(error);
    }
  }

  #leave(): void {
    this.#means.gate.leave(this.#sent.callerKey);
  }

  #judge(outcome: Outcome): Answer | UpstreamError {
    // Nearly all of them.
    if (outcome.kind === 'answer' && outcome.status >= 200 && outcome.status < 300) return outcome;
    const { requestId } = this.#sent.context;
    return judge(outcome, { write: this.#isWrite(), requestId, wallNow: this.#means.wallNow() });
  }

  #report(outcome: Outcome, result: Answer | UpstreamError, now: number): void {
    const { onCall } = this.#means;
    if (onCall === undefined) return;
    const { exchange, route, context } = this.#sent;
    const info: CallInfo = {
      method: exchange.method,
      route,
      // What it waited for its round is ours, not the upstream's.
      ms: (this.#receivedAt || now) - this.#startedAt,
      kind: result instanceof UpstreamError ? result.kind : 'ok',
      retry: this.#isRetry,
      status: outcome.kind === 'answer' ? outcome.status : undefined,
    };
    onCall(info, context);
  }

  #isWrite(): boolean {
    return this.#sent.exchange.method !== 'GET';
  }

  #mayRetry(): boolean {
    const { breaker, budget, now } = this.#means;
    return now() + RETRY_PAUSE_MS < this.#sent.deadline && !breaker.isOpen && budget.take();
  }
}

/** Goes on after some time, or at once when nobody waits any more. */
function pause(ms: number, signal: AbortToken | undefined, goOn: () => void): void {
  const over = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', over);
    goOn();
  };
  const timer = setTimeout(over, ms);
  signal?.addEventListener('abort', over);
}
