import type { StopSignal } from '../stop.ts';
import type { Breaker, Permit } from './breaker.ts';
import { type Answer, judge } from './classify.ts';
import { UpstreamError } from './errors.ts';
import { isTransient, isUp, type RetryBudget } from './retry.ts';
import type { Exchange, Outcome, Transport } from './transport.ts';

/** What all calls are sent with. */
export interface Means {
  readonly transport: Transport;
  readonly breaker: Breaker;
  readonly budget: RetryBudget;
  /** How long one exchange may take, in ms. */
  readonly attemptTimeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
}

/** One call on its way. */
export interface Sent<Value> {
  readonly exchange: Omit<Exchange, 'timeoutMs'>;
  readonly requestId: string | undefined;
  /** When all of it must be over, in ms since the epoch. */
  readonly deadline: number;
  /**
   * What the answer says. It is read where it came in, before anything waits: what waited for an answer is old by then, and whatever
   * old objects point to is not given free until a full collection.
   */
  readonly read: (answer: Answer) => Value;
  /** Told after each exchange. */
  readonly onExchange: (outcome: Outcome, result: Answer | UpstreamError, startedAt: number, retry: boolean) => void;
  /** Told once, before the end is. */
  readonly onOver: () => void;
}

const RETRY_PAUSE_MS = 50;

/** Sends one call; a GET a second time if need be. One object and one promise for all of its way. */
export class Sending<Value> {
  readonly #means: Means;
  readonly #sent: Sent<Value>;
  readonly #resolve: (value: Value) => void;
  readonly #reject: (error: unknown) => void;

  constructor(means: Means, sent: Sent<Value>, resolve: (value: Value) => void, reject: (error: unknown) => void) {
    this.#means = means;
    this.#sent = sent;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  attempt(retry: boolean): void {
    const { transport, breaker, attemptTimeoutMs, now } = this.#means;
    const { exchange, deadline } = this.#sent;
    const startedAt = now();
    const timeoutMs = Math.min(attemptTimeoutMs, deadline - startedAt);
    // Waiting for its turn may have taken all of the time.
    if (timeoutMs <= 0) {
      this.#over({ kind: 'timeout', sent: false }, retry);
      return;
    }
    const permit = breaker.permit();
    if (permit === undefined) {
      this.#over({ kind: 'unreachable' }, retry);
      return;
    }
    transport.exchange(
      { ...exchange, timeoutMs },
      (outcome) => this.#answered(outcome, permit, startedAt, retry),
      (error) => {
        // A request that could not be one: a probe must not stay out for ever.
        breaker.record(permit, undefined);
        this.#sent.onOver();
        this.#reject(error);
      },
    );
  }

  #answered(outcome: Outcome, permit: Permit, startedAt: number, retry: boolean): void {
    this.#means.breaker.record(permit, isUp(outcome));
    const result = this.#judge(outcome);
    this.#sent.onExchange(outcome, result, startedAt, retry);
    this.#over(outcome, retry, result);
  }

  #over(outcome: Outcome, retry: boolean, result: Answer | UpstreamError = this.#judge(outcome)): void {
    if (!retry && !this.#isWrite() && isTransient(outcome) && this.#mayRetry()) {
      pause(this.#means.random() * RETRY_PAUSE_MS, this.#sent.exchange.signal, () => this.attempt(true));
      return;
    }
    this.#sent.onOver();
    try {
      if (result instanceof UpstreamError) throw result;
      this.#resolve(this.#sent.read(result));
    } catch (error) {
      this.#reject(error);
    }
  }

  #judge(outcome: Outcome): Answer | UpstreamError {
    return judge(outcome, { write: this.#isWrite(), requestId: this.#sent.requestId, now: this.#means.now() });
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
function pause(ms: number, signal: StopSignal | undefined, goOn: () => void): void {
  const over = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', over);
    goOn();
  };
  const timer = setTimeout(over, ms);
  signal?.addEventListener('abort', over);
}
