import type { OperationTypeNode } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { GatewayError } from '../../errors.ts';
import { type AbortToken, AbortTokenSource } from '../../runtime/abort-token.ts';
import type { Message } from './flow-control.ts';

/** Hands a message to graphql-ws. Resolves when it is handled: a Subscribe message when its operation is over. */
export type Handle = (text: string) => Promise<void>;

/** What is counted together. */
type Group = 'subscriptions' | 'queries and mutations';

interface Operation {
  kind: `${OperationTypeNode}` | undefined;
  /** Where the operation is counted; undefined before it starts and when its place is free again. */
  group: Group | undefined;
  /** Why it may not run. */
  readonly refusal: GatewayError | undefined;
  /** Of a query. */
  abort: AbortTokenSource | undefined;
  /** The client has left the operation, or has been sent its end. The client may use the id again, graphql-ws may not yet. */
  isEnding: boolean;
  /** Tells the Subscribe message that waits for the id whether its operation starts. */
  next: ((starts: boolean) => void) | undefined;
}

/** Several subscribers share the execution of an event, so it must not end with one of them. */
const NEVER: AbortToken = new AbortTokenSource();

/**
 * The operations of one socket, by the ids that its client chose. A socket runs a bounded number of them, one at a time for each id, and
 * ends those that the client leaves.
 */
export class Operations {
  readonly #max: number;
  readonly #close: (code: number, reason: string) => void;
  readonly #running = new Map<string, Operation>();
  readonly #counts: Record<Group, number> = { subscriptions: 0, 'queries and mutations': 0 };
  readonly #closed = new AbortTokenSource();

  /**
   * @param max operations of each group.
   * @param close closes the socket.
   */
  constructor(max: number, close: (code: number, reason: string) => void) {
    this.#max = max;
    this.#close = close;
  }

  /**
   * Passes a message on to graphql-ws. The library knows an operation by its id alone, so a Subscribe message waits until the former
   * operation of its id is over. Otherwise the end of the former one would end the new one.
   * @returns a promise that resolves when the message is handled. It does not hold the message.
   * @throws what `handle` throws.
   */
  receive({ type, id, text, refusal }: Message, handle: Handle): Promise<void> {
    if (id !== undefined && type === 'subscribe') return this.#subscribe(id, text, refusal, handle);
    if (id !== undefined && type === 'complete') return this.#complete(id, text, handle);
    return handle(text);
  }

  /** Why the operation of a Subscribe message that is being handled may not run; undefined when it may. */
  refusal(id: string): GatewayError | undefined {
    return this.#running.get(id)?.refusal;
  }

  /** Starts an operation whose Subscribe message is being handled. @returns the token that aborts it, or why it may not run. */
  start(id: string, kind: `${OperationTypeNode}`): AbortToken | GatewayError {
    // Two groups: a socket full of subscriptions still answers queries.
    const group = kind === 'subscription' ? 'subscriptions' : 'queries and mutations';
    if (this.#counts[group] >= this.#max) {
      const message = `A socket may run at most ${this.#max} ${group} at the same time. Open another socket for more.`;
      return new GatewayError('RATE_LIMITED', message);
    }
    const operation = this.#running.get(id);
    if (operation === undefined) throw new Error('An operation started without a Subscribe message.');
    operation.kind = kind;
    operation.group = group;
    this.#counts[group] += 1;
    switch (kind) {
      case 'query':
        operation.abort = new AbortTokenSource();
        return operation.abort;
      case 'mutation':
        // A client that leaves a mutation does not undo it, so the mutation runs on as long as the socket is open.
        return this.#closed;
      case 'subscription':
        return NEVER;
    }
  }

  /** To be called before the last message of an operation is sent. */
  finish(id: string): void {
    const operation = this.#running.get(id);
    if (operation === undefined) return;
    operation.isEnding = true;
    this.#free(operation);
  }

  /** Aborts everything that runs. */
  close(): void {
    this.#closed.abort();
    for (const { abort } of this.#running.values()) abort?.abort();
  }

  #subscribe(id: string, text: string, refusal: GatewayError | undefined, handle: Handle): Promise<void> {
    const former = this.#running.get(id);
    if (former === undefined) return this.#run(id, text, refusal, handle);
    // graphql-ws refuses the id of an operation that runs, and closes the socket.
    if (!former.isEnding) return handle(text);
    if (former.next !== undefined) {
      this.#close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
      return Promise.resolve();
    }
    const turn = new Promise<boolean>((resolve) => {
      former.next = resolve;
    });
    return turn.then((starts) => (starts ? this.#run(id, text, refusal, handle) : undefined));
  }

  #run(id: string, text: string, refusal: GatewayError | undefined, handle: Handle): Promise<void> {
    const operation: Operation = {
      kind: undefined,
      group: undefined,
      refusal,
      abort: undefined,
      isEnding: false,
      next: undefined,
    };
    // Before it is handled: graphql-ws starts it at once.
    this.#running.set(id, operation);
    return handle(text).finally(() => {
      this.#running.delete(id);
      this.#free(operation);
      operation.next?.(!this.#closed.aborted);
    });
  }

  #complete(id: string, text: string, handle: Handle): Promise<void> {
    const operation = this.#running.get(id);
    if (operation?.next !== undefined) {
      operation.next(false);
      operation.next = undefined;
      return Promise.resolve();
    }
    // First graphql-ws, which then sends nothing of the aborted operation.
    const handled = handle(text);
    if (operation !== undefined) this.#leave(operation);
    return handled;
  }

  #leave(operation: Operation): void {
    operation.isEnding = true;
    operation.abort?.abort();
    // A mutation runs on, so it keeps its place. Otherwise a client could start any number of them.
    if (operation.kind !== 'mutation') this.#free(operation);
  }

  #free(operation: Operation): void {
    if (operation.group !== undefined) this.#counts[operation.group] -= 1;
    operation.group = undefined;
  }
}
