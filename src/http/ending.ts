import type { ExecutionResult } from 'graphql';

/** A stream that tells once how it ended. Not an async generator: one that waits cannot be returned. */
export class Ending implements AsyncGenerator<ExecutionResult, void, void> {
  readonly #results: AsyncGenerator<ExecutionResult, void>;
  #tell: (errors: readonly unknown[]) => void;

  /** @param over gets what ended it; nothing when it came to its end or was left. */
  constructor(results: AsyncGenerator<ExecutionResult, void>, over: (errors: readonly unknown[]) => void) {
    this.#results = results;
    this.#tell = (errors) => {
      this.#tell = () => {};
      over(errors);
    };
  }

  async next(): Promise<IteratorResult<ExecutionResult, void>> {
    try {
      const result = await this.#results.next();
      if (result.done === true) this.#tell([]);
      return result;
    } catch (error) {
      this.#tell([error]);
      throw error;
    }
  }

  return(): Promise<IteratorResult<ExecutionResult, void>> {
    this.#tell([]);
    return this.#results.return();
  }

  throw(error?: unknown): Promise<IteratorResult<ExecutionResult, void>> {
    this.#tell([error]);
    return this.#results.throw(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
