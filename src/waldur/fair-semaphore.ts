import type { AbortToken } from '../runtime/abort-token.ts';
import { BUSY_RETRY_SECONDS, UpstreamError } from './errors.ts';

export interface FairSemaphoreOptions {
  /** Maximum concurrent calls of one caller. */
  readonly perCaller: number;
  /** Maximum concurrent calls in total. */
  readonly total: number;
  /** Maximum number of waiting calls; further ones are refused. */
  readonly queueLimit: number;
}

interface Waiter {
  readonly go: () => void;
  readonly giveUp: (error: UpstreamError) => void;
}

/** Running and waiting calls of one caller. */
interface CallerQueue {
  running: number;
  readonly waiting: Waiter[];
  /** Whether it is in the ready list. */
  ready: boolean;
}

/**
 * Limits concurrent calls, in total and for each caller. Waldur serves the requests of one user one after another (contract 2.0), so more
 * than a few of one caller only pile up there. Callers take turns, so that one with many waiting calls does not delay others.
 */
export class FairSemaphore {
  readonly #options: FairSemaphoreOptions;
  readonly #queues = new Map<string, CallerQueue>();
  readonly #ready: CallerQueue[] = [];
  #running = 0;
  #waiting = 0;

  constructor(options: FairSemaphoreOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Takes a place, which `leave` must return.
   * @returns undefined when a place was free, else a promise for one, which rejects when the signal aborts or `timeoutMs` has passed.
   * @throws UpstreamError `busy` when the queue is full.
   */
  enter(key: string, timeoutMs: number, signal: AbortToken | undefined): Promise<void> | undefined {
    const queue = this.#queue(key);
    if (this.#running < this.#options.total && queue.running < this.#options.perCaller && queue.waiting.length === 0) {
      this.#take(queue);
      return undefined;
    }
    if (this.#waiting >= this.#options.queueLimit) {
      this.#forget(key, queue);
      throw new UpstreamError('busy', { retryAfterSeconds: BUSY_RETRY_SECONDS });
    }
    return this.#wait(key, queue, timeoutMs, signal);
  }

  leave(key: string): void {
    const queue = this.#queue(key);
    queue.running--;
    this.#running--;
    this.#markReady(queue);
    this.#proceed();
    this.#forget(key, queue);
  }

  #wait(key: string, queue: CallerQueue, timeoutMs: number, signal: AbortToken | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waiting--;
      };
      const waiter: Waiter = {
        go: () => {
          done();
          resolve();
        },
        giveUp: (error) => {
          queue.waiting.splice(queue.waiting.indexOf(waiter), 1);
          done();
          this.#forget(key, queue);
          reject(error);
        },
      };
      const onAbort = (): void => waiter.giveUp(new UpstreamError('aborted'));
      const timer = setTimeout(() => waiter.giveUp(new UpstreamError('timeout')), timeoutMs);
      signal?.addEventListener('abort', onAbort);
      this.#waiting++;
      queue.waiting.push(waiter);
      this.#markReady(queue);
    });
  }

  /** Starts waiting calls while places are free, one caller after another. */
  #proceed(): void {
    while (this.#running < this.#options.total) {
      const queue = this.#ready.shift();
      if (queue === undefined) return;
      queue.ready = false;
      const waiter = queue.waiting.shift();
      // All of its calls may have been aborted meanwhile.
      if (waiter === undefined) continue;
      this.#take(queue);
      this.#markReady(queue);
      waiter.go();
    }
  }

  #take(queue: CallerQueue): void {
    queue.running++;
    this.#running++;
  }

  #markReady(queue: CallerQueue): void {
    if (queue.ready || queue.waiting.length === 0 || queue.running >= this.#options.perCaller) return;
    queue.ready = true;
    this.#ready.push(queue);
  }

  #queue(key: string): CallerQueue {
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const queue: CallerQueue = { running: 0, waiting: [], ready: false };
    this.#queues.set(key, queue);
    return queue;
  }

  /** Drops the queue of a caller without calls. */
  #forget(key: string, queue: CallerQueue): void {
    if (queue.running === 0 && queue.waiting.length === 0) this.#queues.delete(key);
  }
}
