import { GatewayError } from '../errors.ts';
import { type AbortToken, AbortTokenSource } from '../runtime/abort-token.ts';
import { isUpstreamError, UpstreamError } from '../waldur/errors.ts';
import type { CallContext } from '../waldur/types.ts';
import type { BusyCallers } from './busy-callers.ts';

type Ask<Value> = (context: CallContext) => Promise<Value>;

/** A read under way. */
interface Flight {
  readonly deadline: number;
  /** Aborted when the last one who waits has left. */
  readonly abort: AbortTokenSource;
  /** In the order in which they came. */
  waiting: Waiter[];
}

/**
 * Identical reads of one caller at the same time are one read. Who leaves, leaves alone: the read goes on as long as anybody waits
 * for it.
 */
export class SingleFlight {
  readonly #activity: BusyCallers;
  readonly #now: () => number;
  /** By caller, then by question. */
  readonly #flights = new Map<string, Map<string, Flight>>();

  /**
   * @param activity takes note of what is under way.
   * @param now the clock of deadlines.
   */
  constructor(activity: BusyCallers, now: () => number) {
    this.#activity = activity;
    this.#now = now;
  }

  /**
   * Waits for the answer under way, or starts asking.
   * @param ask is given the context of whoever came first, with a signal that stands for all.
   * @throws what `ask` throws; UpstreamError `aborted` when this one's signal aborts, `timeout` when its time is over.
   */
  join<Value>(callerKey: string, question: string, context: CallContext, ask: Ask<Value>): Promise<Value> {
    // Asking for nobody would go on until its deadline.
    if (context.signal?.aborted) return Promise.reject(new UpstreamError('aborted'));
    const known = this.#flights.get(callerKey)?.get(question);
    // One that gave up just now has an answer for nobody.
    if (known === undefined || known.abort.aborted) return this.#begin(callerKey, question, context, ask);
    const { deadline = Number.POSITIVE_INFINITY } = context;
    // Who came first may have more time than this one has, or less.
    const timeLeft = deadline < known.deadline ? deadline - this.#now() : undefined;
    return wait<Value>(known, context.signal, timeLeft).catch((error: unknown) => {
      if (isOfItsAsker(error) || (isTimeout(error) && deadline > known.deadline))
        return this.join(callerKey, question, context, ask);
      throw error;
    });
  }

  /** What is under way for a caller serves those who wait for it already, and nobody else: the caller has changed things, or may not see them any more. */
  forget(callerKey: string): void {
    this.#flights.delete(callerKey);
  }

  /** Reads under way. */
  get size(): number {
    let size = 0;
    for (const flights of this.#flights.values()) size += flights.size;
    return size;
  }

  #begin<Value>(
    callerKey: string,
    question: string,
    { signal, deadline, requestId }: CallContext,
    ask: Ask<Value>,
  ): Promise<Value> {
    const abort = new AbortTokenSource();
    const flight: Flight = { deadline: deadline ?? Number.POSITIVE_INFINITY, abort, waiting: NOBODY };
    const ofCaller = this.#flights.get(callerKey);
    if (ofCaller === undefined) this.#flights.set(callerKey, new Map().set(question, flight));
    else ofCaller.set(question, flight);
    const waiting = wait<Value>(flight, signal);
    this.#activity.enter(callerKey);
    const over = (): void => this.#over(callerKey, question, flight);
    started(ask, { signal: abort, deadline, requestId }).then(
      (value) => {
        over();
        for (const waiter of flight.waiting) waiter.land(value);
      },
      (error: unknown) => {
        over();
        for (const waiter of flight.waiting) waiter.fail(error);
      },
    );
    return waiting;
  }

  #over(callerKey: string, question: string, flight: Flight): void {
    this.#activity.leave(callerKey);
    const ofCaller = this.#flights.get(callerKey);
    if (ofCaller?.get(question) !== flight) return;
    ofCaller.delete(question);
    if (ofCaller.size === 0) this.#flights.delete(callerKey);
  }
}

/** What it throws, its promise rejects with: those who wait must be told. */
function started<Value>(ask: Ask<Value>, context: CallContext): Promise<Value> {
  try {
    return ask(context);
  } catch (error) {
    return Promise.reject(error);
  }
}

const NOBODY: Waiter[] = [];

const isTimeout = (error: unknown): boolean => isUpstreamError(error) && error.kind === 'timeout';

/** The operation that asked had made all calls that it may make; others may still. */
const isOfItsAsker = (error: unknown): boolean => error instanceof GatewayError && error.code === 'QUERY_TOO_COMPLEX';

/** @param timeLeft in ms; undefined where the flight's is not longer. */
function wait<Value>(flight: Flight, signal: AbortToken | undefined, timeLeft?: number): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    const waiter = new Waiter(flight, signal, resolve as (value: unknown) => void, reject);
    if (timeLeft !== undefined) waiter.giveUpAfter(timeLeft);
    if (flight.waiting === NOBODY) flight.waiting = [waiter];
    else flight.waiting.push(waiter);
    signal?.addEventListener('abort', waiter);
  });
}

/** One who waits for a read. An object in place of three closures: there is one for each read. */
class Waiter {
  readonly #flight: Flight;
  readonly #signal: AbortToken | undefined;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    flight: Flight,
    signal: AbortToken | undefined,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#flight = flight;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** @param ms that it has left. */
  giveUpAfter(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#signal?.removeEventListener('abort', this);
      this.#leave('timeout');
    }, ms);
  }

  land(value: unknown): void {
    this.#release();
    this.#resolve(value);
  }

  fail(error: unknown): void {
    this.#release();
    this.#reject(error);
  }

  /** The signal's. */
  handleEvent(): void {
    clearTimeout(this.#timer);
    this.#leave('aborted');
  }

  #leave(why: 'aborted' | 'timeout'): void {
    const flight = this.#flight;
    flight.waiting = flight.waiting.filter((one) => one !== this);
    this.#reject(new UpstreamError(why));
    if (flight.waiting.length === 0) flight.abort.abort();
  }

  #release(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this);
  }
}
