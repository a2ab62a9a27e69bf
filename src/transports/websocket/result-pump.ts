import type { ExecutionResult } from 'graphql';

const DONE: IteratorResult<never, void> = { done: true, value: undefined };

/**
 * A subscription whose results go to its socket by a way of their own. The protocol's library, to which this is a stream without
 * results, would make a message of each one for each reader; to begin, to end and to fail remain its matter.
 */
export class ResultPump implements AsyncGenerator<never, void, void> {
  readonly #results: AsyncGenerator<ExecutionResult, void, void>;
  readonly #deliver: (result: ExecutionResult) => Promise<void>;

  /** @param deliver resolves when the network has taken it: no result is asked for before. */
  constructor(
    results: AsyncGenerator<ExecutionResult, void, void>,
    deliver: (result: ExecutionResult) => Promise<void>,
  ) {
    this.#results = results;
    this.#deliver = deliver;
  }

  /** Resolves when the subscription is over. @throws what ends it. */
  async next(): Promise<IteratorResult<never, void>> {
    for (;;) {
      const { done, value } = await this.#results.next();
      if (done === true) return DONE;
      try {
        await this.#deliver(value);
      } catch (reason) {
        // Whoever reads takes a stream that failed for one that is over, and would not leave it: the events would be followed on.
        await this.return();
        throw reason;
      }
    }
  }

  async return(): Promise<IteratorResult<never, void>> {
    await this.#results.return();
    return DONE;
  }

  async throw(error?: unknown): Promise<IteratorResult<never, void>> {
    await this.#results.throw(error);
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
