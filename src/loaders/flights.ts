import { Stop, type StopSignal } from '../stop.ts';
import { isUpstreamError, UpstreamError } from '../waldur/errors.ts';
import type { CallContext } from '../waldur/types.ts';

interface Flight {
  readonly answer: Promise<unknown>;
  readonly deadline: number;
  /** Aborted when the last one who waits has left. */
  readonly abort: Stop;
  waiting: number;
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
   * @throws what `ask` throws; UpstreamError `aborted` when this one's signal aborts.
   */
  async join<Value>(
    callerKey: string,
    question: string,
    context: CallContext,
    ask: (context: CallContext) => Promise<Value>,
  ): Promise<Value> {
    // Asking for nobody would go on until its deadline.
    if (context.signal?.aborted) throw new UpstreamError('aborted');
    const known = this.#flights.get(callerKey)?.get(question);
    // One that gave up just now has an answer for nobody.
    if (known === undefined || known.abort.aborted)
      return this.#wait<Value>(this.#start(callerKey, question, context, ask), context.signal);
    try {
      return await this.#wait<Value>(known, context.signal);
    } catch (error) {
      const hasTime = (context.deadline ?? Number.POSITIVE_INFINITY) > known.deadline;
      if (isUpstreamError(error) && error.kind === 'timeout' && hasTime)
        return this.join(callerKey, question, context, ask);
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

  #start<Value>(
    callerKey: string,
    question: string,
    context: CallContext,
    ask: (context: CallContext) => Promise<Value>,
  ): Flight {
    const abort = new Stop();
    const ofCaller = this.#flights.get(callerKey) ?? new Map<string, Flight>();
    this.#flights.set(callerKey, ofCaller);
    const land = (): void => {
      if (ofCaller.get(question) !== flight) return;
      ofCaller.delete(question);
      if (ofCaller.size === 0 && this.#flights.get(callerKey) === ofCaller) this.#flights.delete(callerKey);
    };
    const flight: Flight = {
      answer: ask({ ...context, signal: abort }).finally(land),
      deadline: context.deadline ?? Number.POSITIVE_INFINITY,
      abort,
      waiting: 0,
    };
    // When all have left nobody hears of its end.
    flight.answer.catch(() => {});
    ofCaller.set(question, flight);
    return flight;
  }

  async #wait<Value>(flight: Flight, signal: StopSignal | undefined): Promise<Value> {
    if (signal?.aborted) throw new UpstreamError('aborted');
    flight.waiting++;
    const leave = (): void => {
      if (--flight.waiting === 0) flight.abort.abort();
    };
    if (signal === undefined) return flight.answer.finally(() => flight.waiting--) as Promise<Value>;
    return new Promise<Value>((resolve, reject) => {
      const onAbort = (): void => {
        leave();
        reject(new UpstreamError('aborted'));
      };
      signal.addEventListener('abort', onAbort);
      const settle = (): void => {
        flight.waiting--;
        signal.removeEventListener('abort', onAbort);
      };
      flight.answer.then(
        (value) => {
          settle();
          resolve(value as Value);
        },
        (error: unknown) => {
          settle();
          reject(error);
        },
      );
    });
  }
}
