import { Stop, type StopSignal } from '../stop.ts';
import { isUpstreamError, UpstreamError } from '../waldur/errors.ts';
import type { CallContext } from '../waldur/types.ts';

interface Waiter {
  /** @param isFirst the answer itself is for one of those who wait. */
  readonly land: (value: unknown, isFirst: boolean) => void;
  readonly fail: (error: unknown) => void;
}

interface Flight {
  readonly deadline: number;
  /** Aborted when the last one who waits has left. */
  readonly abort: Stop;
  readonly waiting: Set<Waiter>;
}

/**
 * Identical reads of one caller at the same time are one read. Who leaves, leaves alone: the read goes on as long as anybody waits
 * for it.
 */
export class Flights {
  /** By caller, then by question. */
  readonly #flights = new Map<string, Map<string, Flight>>();

  /**
   * Waits for the answer under way, or starts asking.
   * @param ask is given the context of whoever came first, with a signal that stands for all.
   * @param copy makes what this one is given of an answer that another one who waits is given as it is.
   * @throws what `ask` throws; UpstreamError `aborted` when this one's signal aborts.
   */
  join<Value>(
    callerKey: string,
    question: string,
    context: CallContext,
    ask: (context: CallContext) => Promise<Value>,
    copy: (value: Value) => Value = same,
  ): Promise<Value> {
    // Asking for nobody would go on until its deadline.
    if (context.signal?.aborted) return Promise.reject(new UpstreamError('aborted'));
    const known = this.#flights.get(callerKey)?.get(question);
    // One that gave up just now has an answer for nobody.
    if (known === undefined || known.abort.aborted) {
      const flight = this.#begin(callerKey, question, context);
      const waiting = wait(flight, context.signal, copy);
      this.#fly(callerKey, question, flight, ask({ ...context, signal: flight.abort }));
      return waiting;
    }
    return this.#joinKnown(known, callerKey, question, context, ask, copy);
  }

  async #joinKnown<Value>(
    known: Flight,
    callerKey: string,
    question: string,
    context: CallContext,
    ask: (context: CallContext) => Promise<Value>,
    copy: (value: Value) => Value,
  ): Promise<Value> {
    try {
      return await wait(known, context.signal, copy);
    } catch (error) {
      const hasTime = (context.deadline ?? Number.POSITIVE_INFINITY) > known.deadline;
      if (isUpstreamError(error) && error.kind === 'timeout' && hasTime)
        return this.join(callerKey, question, context, ask, copy);
      throw error;
    }
  }

  /** What is under way for a caller serves those who wait for it already, and nobody else: the caller is about to change things. */
  forget(callerKey: string): void {
    this.#flights.delete(callerKey);
  }

  /** Reads under way. */
  get size(): number {
    let size = 0;
    for (const flights of this.#flights.values()) size += flights.size;
    return size;
  }

  #begin(callerKey: string, question: string, { deadline = Number.POSITIVE_INFINITY }: CallContext): Flight {
    const flight: Flight = { deadline, abort: new Stop(), waiting: new Set() };
    const ofCaller = this.#flights.get(callerKey);
    if (ofCaller === undefined) this.#flights.set(callerKey, new Map().set(question, flight));
    else ofCaller.set(question, flight);
    return flight;
  }

  #fly(callerKey: string, question: string, flight: Flight, answer: Promise<unknown>): void {
    const over = (): void => {
      const ofCaller = this.#flights.get(callerKey);
      if (ofCaller?.get(question) !== flight) return;
      ofCaller.delete(question);
      if (ofCaller.size === 0) this.#flights.delete(callerKey);
    };
    answer.then(
      (value) => {
        over();
        let isFirst = true;
        for (const { land } of flight.waiting) {
          land(value, isFirst);
          isFirst = false;
        }
      },
      (error: unknown) => {
        over();
        for (const { fail } of flight.waiting) fail(error);
      },
    );
  }
}

const same = <Value>(value: Value): Value => value;

function wait<Value>(flight: Flight, signal: StopSignal | undefined, copy: (value: Value) => Value): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    const onAbort = (): void => {
      flight.waiting.delete(waiter);
      reject(new UpstreamError('aborted'));
      if (flight.waiting.size === 0) flight.abort.abort();
    };
    const waiter: Waiter = {
      land(value, isFirst) {
        signal?.removeEventListener('abort', onAbort);
        resolve(isFirst ? (value as Value) : copy(value as Value));
      },
      fail(error) {
        signal?.removeEventListener('abort', onAbort);
        reject(error);
      },
    };
    flight.waiting.add(waiter);
    signal?.addEventListener('abort', onAbort);
  });
}
