import type { OperationTypeNode } from 'graphql';
import { GatewayError } from '../../errors.ts';

/**
 * The operations that run on one socket. Subscriptions have as many places as everything else together has: one that is full of
 * them still answers queries, and one that is flooded with queries does not grow without bound.
 */
export class OperationLimit {
  readonly #most: number;
  readonly #subscriptions = new Set<string>();
  readonly #others = new Set<string>();

  /** @param most of either sort. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a place; `free` must follow. @returns the refusal when none is free. */
  take(id: string, kind: `${OperationTypeNode}`): GatewayError | undefined {
    const [taken, name] =
      kind === 'subscription' ? [this.#subscriptions, 'subscriptions'] : [this.#others, 'queries and mutations'];
    if (taken.size >= this.#most) {
      const message = `A socket may run ${this.#most} ${name} at the same time; open another for more.`;
      return new GatewayError('RATE_LIMITED', message);
    }
    taken.add(id);
    return undefined;
  }

  free(id: string): void {
    this.#subscriptions.delete(id);
    this.#others.delete(id);
  }
}
