import { GatewayError } from '../errors.ts';
import { type AbortToken, AbortTokenSource } from '../runtime/abort-token.ts';
import { isUpstreamError, UpstreamError } from '../waldur/errors.ts';
import type { CallContext } from '../waldur/types.ts';

/**
 * Counts the calls that each caller has in progress. Waldur serves the requests of one user one after another (contract 2.0), so
 * polls for a caller's subscriptions let that caller's queries go first.
 */
export class BusyCallers {
  readonly #calls = new Map<string, number>();

  isBusy(callerKey: string): boolean {
    return (this.#calls.get(callerKey) ?? 0) > 0;
  }

  /** Counts one more call. `leave` must follow when it has ended, whatever its outcome. */
  enter(callerKey: string): void {
    this.#calls.set(callerKey, (this.#calls.get(callerKey) ?? 0) + 1);
  }

  leave(callerKey: string): void {
    const left = (this.#calls.get(callerKey) ?? 1) - 1;
    if (left === 0) this.#calls.delete(callerKey);
    else this.#calls.set(callerKey, left);
  }
}

type Send<Value> = (context: CallContext) => Promise<Value>;

/** A read in progress. */
interface PendingRead {
  readonly deadline: number;
  /** Aborted when the last waiter has left. */
  readonly abort: AbortTokenSource;
  /** In order of arrival. */
  readonly waiters: Set<Waiter>;
}

/**
 * Merges concurrent equal reads of one caller into one call. A waiter that leaves does not disturb the others: the read continues
 * as long as anybody waits for it.
 */
export class SingleFlight {
  readonly #busyCallers: BusyCallers;
  readonly #now: () => number;
  /** By caller, then by key. */
  readonly #pending = new Map<string, Map<string, PendingRead>>();

  /**
   * @param busyCallers counts the calls in progress.
   * @param now the clock of deadlines.
   */
  constructor(busyCallers: BusyCallers, now: () => number) {
    this.#busyCallers = busyCallers;
    this.#now = now;
  }

  /**
   * Joins the read in progress, or starts one.
   * @param send receives the context of the first waiter, with a signal that stands for all waiters.
   * @throws what `send` throws; UpstreamError `aborted` when this waiter's signal aborts, `timeout` when its deadline passes.
   */
  join<Value>(callerKey: string, key: string, context: CallContext, send: Send<Value>): Promise<Value> {
    // A call that nobody waits for would continue until its deadline.
    if (context.signal?.aborted) return Promise.reject(new UpstreamError('aborted'));
    const pending = this.#pending.get(callerKey)?.get(key);
    if (pending === undefined || pending.abort.aborted) return this.#start(callerKey, key, context, send);
    const { deadline = Number.POSITIVE_INFINITY } = context;
    // The first waiter may have a later or an earlier deadline than this one.
    const timeLeft = deadline < pending.deadline ? deadline - this.#now() : undefined;
    return wait<Value>(pending, context.signal, timeLeft).catch((error: unknown) => {
      if (isOutOfCalls(error) || (isTimeout(error) && deadline > pending.deadline))
        return this.join(callerKey, key, context, send);
      throw error;
    });
  }

  /** Later reads of a caller do not join those in progress: the caller changed something, or may not see it any more. */
  forget(callerKey: string): void {
    this.#pending.delete(callerKey);
  }

  /** Number of reads in progress that can be joined. */
  get size(): number {
    let size = 0;
    for (const reads of this.#pending.values()) size += reads.size;
    return size;
  }

  #start<Value>(
    callerKey: string,
    key: string,
    { signal, deadline, requestId, span }: CallContext,
    send: Send<Value>,
  ): Promise<Value> {
    const abort = new AbortTokenSource();
    const read: PendingRead = { deadline: deadline ?? Number.POSITIVE_INFINITY, abort, waiters: new Set() };
    const ofCaller = this.#pending.get(callerKey);
    if (ofCaller === undefined) this.#pending.set(callerKey, new Map([[key, read]]));
    else ofCaller.set(key, read);
    const result = wait<Value>(read, signal);
    this.#busyCallers.enter(callerKey);
    sendSafely(send, { signal: abort, deadline, requestId, span }).then(
      (value) => {
        this.#end(callerKey, key, read);
        for (const waiter of read.waiters) waiter.resolve(value);
      },
      (error: unknown) => {
        this.#end(callerKey, key, read);
        for (const waiter of read.waiters) waiter.reject(error);
      },
    );
    return result;
  }

  #end(callerKey: string, key: string, read: PendingRead): void {
    this.#busyCallers.leave(callerKey);
    const ofCaller = this.#pending.get(callerKey);
    // A later read may have taken the place of this one.
    if (ofCaller?.get(key) !== read) return;
    ofCaller.delete(key);
    if (ofCaller.size === 0) this.#pending.delete(callerKey);
  }
}

/** Turns an exception into a rejection, so that the waiters receive it. */
async function sendSafely<Value>(send: Send<Value>, context: CallContext): Promise<Value> {
  return send(context);
}

const isTimeout = (error: unknown): boolean => isUpstreamError(error) && error.kind === 'timeout';

/** The operation that sent the read had used up its calls. The other waiters may still make calls. */
const isOutOfCalls = (error: unknown): boolean => error instanceof GatewayError && error.code === 'QUERY_TOO_COMPLEX';

/** @param timeLeft of the waiter in ms; undefined when its deadline is not earlier than that of the read. */
function wait<Value>(read: PendingRead, signal: AbortToken | undefined, timeLeft?: number): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    read.waiters.add(new Waiter(read, signal, resolve as (value: unknown) => void, reject, timeLeft));
  });
}

/** One operation that waits for a read. */
class Waiter {
  readonly #read: PendingRead;
  readonly #signal: AbortToken | undefined;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(
    read: PendingRead,
    signal: AbortToken | undefined,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
    timeLeft: number | undefined,
  ) {
    this.#read = read;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    if (timeLeft !== undefined) this.#timer = setTimeout(() => this.#leave('timeout'), timeLeft);
    signal?.addEventListener('abort', this);
  }

  resolve(value: unknown): void {
    this.#release();
    this.#resolve(value);
  }

  reject(error: unknown): void {
    this.#release();
    this.#reject(error);
  }

  /** Called when the signal aborts. */
  handleEvent(): void {
    this.#leave('aborted');
  }

  #leave(reason: 'aborted' | 'timeout'): void {
    this.#release();
    const { waiters, abort } = this.#read;
    waiters.delete(this);
    this.#reject(new UpstreamError(reason));
    if (waiters.size === 0) abort.abort();
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this);
  }
}
