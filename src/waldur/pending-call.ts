import type { AbortToken } from '../runtime/abort-token.ts';
import type { Span } from '../runtime/span.ts';
import type { Time } from '../runtime/time.ts';
import type { Breaker, Permit } from './breaker.ts';
import { type Answer, classify } from './classify.ts';
import { UpstreamError, type UpstreamKind } from './errors.ts';
import type { Exchange, ExchangeListener, Outcome } from './exchange.ts';
import type { FairSemaphore } from './fair-semaphore.ts';
import type { UpstreamHealth } from './health.ts';
import { isTransient, type RetryBudget, resultOf } from './retry.ts';
import type { Transport } from './transport.ts';
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
  /** Whether it was the second attempt of a call. */
  readonly retry: boolean;
}

/** Shared by all calls of a client. */
export interface CallDeps {
  readonly transport: Transport;
  readonly breaker: Breaker;
  readonly health: UpstreamHealth;
  readonly budget: RetryBudget;
  readonly semaphore: FairSemaphore;
  /** How long one exchange may take, in ms. */
  readonly attemptTimeoutMs: number;
  readonly now: Time['now'];
  readonly wallNow: Time['wallNow'];
  /** 0 to 1. */
  readonly random: () => number;
  /** Called after each exchange, with the context of its call. */
  readonly onCall: ((info: CallInfo, context: CallContext) => void) | undefined;
}

/** One call to send. */
export interface OutgoingCall<Value> {
  readonly exchange: Exchange;
  readonly route: string;
  /** Key of the caller whose place in the semaphore it holds. */
  readonly callerKey: string;
  readonly context: CallContext;
  /** Its step in a trace; undefined while tracing is off. */
  readonly span?: Span | undefined;
  /** When all of it must be over, by `now`. */
  readonly deadline: number;
  /**
   * Reads the value from the response, before the promise of the call resolves.
   */
  readonly read: (answer: Answer) => Value;
}

const RETRY_PAUSE_MS = 50;

/** Sends one call, and a GET a second time after a transient failure. */
export class PendingCall<Value> implements ExchangeListener {
  readonly #deps: CallDeps;
  readonly #call: OutgoingCall<Value>;
  readonly #resolve: (value: Value) => void;
  readonly #reject: (error: unknown) => void;
  #isRetry = false;
  #startedAt = 0;
  /** When the response was complete; 0 before. */
  #receivedAt = 0;
  /** Permit of the current exchange. */
  #permit: Permit = 'normal';

  constructor(
    deps: CallDeps,
    call: OutgoingCall<Value>,
    resolve: (value: Value) => void,
    reject: (error: unknown) => void,
  ) {
    this.#deps = deps;
    this.#call = call;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Starts the call; its place in the semaphore has been taken. */
  begin(): void {
    this.#deps.budget.recordCall();
    this.#attempt();
  }

  #attempt(): void {
    const { transport, breaker, attemptTimeoutMs, now } = this.#deps;
    const { exchange, deadline } = this.#call;
    this.#startedAt = now();
    this.#receivedAt = 0;
    const timeoutMs = Math.min(attemptTimeoutMs, deadline - this.#startedAt);
    // The deadline may have passed while the call waited.
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

  /** Called by the transport. */
  received(): void {
    this.#receivedAt = this.#deps.now();
  }

  /** Called by the transport. */
  settled(outcome: Outcome): void {
    const { breaker, health, now } = this.#deps;
    const at = now();
    health.record(outcome);
    breaker.record(this.#permit, resultOf(outcome), this.#call.callerKey);
    const result = this.#classify(outcome);
    try {
      this.#report(outcome, result, at);
    } catch {
      // A failing report must not keep the response from the caller or its place from others.
    }
    this.#over(outcome, result);
  }

  /** Called by the transport for an invalid request. The permit is returned, or a probe would never end. */
  refused(error: Error): void {
    this.#deps.breaker.record(this.#permit, 'unknown', this.#call.callerKey);
    this.#leave();
    this.#reject(error);
  }

  #unsent(outcome: Outcome): void {
    this.#over(outcome, this.#classify(outcome));
  }

  #over(outcome: Outcome, result: Answer | UpstreamError): void {
    if (!this.#isRetry && !this.#isWrite() && isTransient(outcome) && this.#mayRetry()) {
      pause(this.#deps.random() * RETRY_PAUSE_MS, this.#call.exchange.signal, () => {
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
      this.#resolve(this.#call.read(result));
    } catch (error) {
      this.#reject(error);
    }
  }

  #leave(): void {
    this.#deps.semaphore.leave(this.#call.callerKey);
  }

  #classify(outcome: Outcome): Answer | UpstreamError {
    const { requestId } = this.#call.context;
    return classify(outcome, { write: this.#isWrite(), requestId, wallNow: this.#deps.wallNow() });
  }

  #report(outcome: Outcome, result: Answer | UpstreamError, now: number): void {
    const { onCall } = this.#deps;
    if ('status' in outcome && outcome.status !== undefined) {
      this.#call.span?.set({ 'http.response.status_code': outcome.status });
    }
    if (onCall === undefined) return;
    const { exchange, route, context } = this.#call;
    const info: CallInfo = {
      method: exchange.method,
      route,
      // Waiting for the batch is not part of the upstream's time.
      ms: (this.#receivedAt || now) - this.#startedAt,
      kind: result instanceof UpstreamError ? result.kind : 'ok',
      retry: this.#isRetry,
      status: outcome.kind === 'answer' ? outcome.status : undefined,
    };
    onCall(info, context);
  }

  #isWrite(): boolean {
    return this.#call.exchange.method !== 'GET';
  }

  #mayRetry(): boolean {
    const { breaker, budget, now } = this.#deps;
    return now() + RETRY_PAUSE_MS < this.#call.deadline && !breaker.isOpen && budget.take();
  }
}

/** Continues after a pause, or at once when the signal aborts. */
function pause(ms: number, signal: AbortToken | undefined, goOn: () => void): void {
  const over = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', over);
    goOn();
  };
  const timer = setTimeout(over, ms);
  signal?.addEventListener('abort', over);
}
