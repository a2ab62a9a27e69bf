import type { AbortToken } from '../runtime/abort-token.ts';
import { BUSY_RETRY_SECONDS, UpstreamError } from './errors.ts';

export interface FairSemaphoreOptions {
  /** Calls at the same time for one caller. */
  readonly perCaller: number;
  /** Calls at the same time in all. */
  readonly total: number;
  /** Calls that may wait; one more is refused. */
  readonly queueLimit: number;
}

interface Waiter {
  readonly go: () => void;
  readonly giveUp: (error: UpstreamError) => void;
}

/** What one caller has in flight and waiting. */
interface PreparedOperations {
  running: number;
  readonly waiting: Waiter[];
  /** Stands in the ring of lanes that could go on. */
  ready: boolean;
}

/**
 * Bounds what is sent at the same time. Waldur runs the requests of one user one after another (contract 2.0), so more than a
 * few of one caller only pile up there, and callers take turns, so that one with many waiting calls does not hold up others.
 */
export class FairSemaphore {
  readonly #options: FairSemaphoreOptions;
  readonly #lanes = new Map<string, PreparedOperations>();
  readonly #ready: PreparedOperations[] = [];
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
   * Takes a place; `leave` must follow once it has been taken.
   * @returns undefined when it was free, else a promise to wait for, which rejects when the signal aborts or `timeoutMs` is over.
   * @throws UpstreamError `busy` when the queue is full.
   */
  enter(key: string, timeoutMs: number, signal: AbortToken | undefined): Promise<void> | undefined {
    const lane = this.#lane(key);
    if (this.#running < this.#options.total && lane.running < this.#options.perCaller && lane.waiting.length === 0) {
      this.#take(lane);
      return undefined;
    }
    if (this.#waiting >= this.#options.queueLimit) {
      this.#forget(key, lane);
      throw new UpstreamError('busy', { retryAfterSeconds: BUSY_RETRY_SECONDS });
    }
    return this.#wait(key, lane, timeoutMs, signal);
  }

  leave(key: string): void {
    const lane = this.#lane(key);
    lane.running--;
    this.#running--;
    this.#markReady(lane);
    this.#proceed();
    this.#forget(key, lane);
  }

  #wait(key: string, lane: PreparedOperations, timeoutMs: number, signal: AbortToken | undefined): Promise<void> {
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
          lane.waiting.splice(lane.waiting.indexOf(waiter), 1);
          done();
          this.#forget(key, lane);
          reject(error);
        },
      };
      const onAbort = (): void => waiter.giveUp(new UpstreamError('aborted'));
      const timer = setTimeout(() => waiter.giveUp(new UpstreamError('timeout')), timeoutMs);
      signal?.addEventListener('abort', onAbort);
      this.#waiting++;
      lane.waiting.push(waiter);
      this.#markReady(lane);
    });
  }

  /** Lets waiting calls go while there is room, one caller after another. */
  #proceed(): void {
    while (this.#running < this.#options.total) {
      const lane = this.#ready.shift();
      if (lane === undefined) return;
      lane.ready = false;
      const waiter = lane.waiting.shift();
      // All of its calls may have been given up meanwhile.
      if (waiter === undefined) continue;
      this.#take(lane);
      this.#markReady(lane);
      waiter.go();
    }
  }

  #take(lane: PreparedOperations): void {
    lane.running++;
    this.#running++;
  }

  #markReady(lane: PreparedOperations): void {
    if (lane.ready || lane.waiting.length === 0 || lane.running >= this.#options.perCaller) return;
    lane.ready = true;
    this.#ready.push(lane);
  }

  #lane(key: string): PreparedOperations {
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const lane: PreparedOperations = { running: 0, waiting: [], ready: false };
    this.#lanes.set(key, lane);
    return lane;
  }

  /** A caller with nothing in flight leaves nothing behind. */
  #forget(key: string, lane: PreparedOperations): void {
    if (lane.running === 0 && lane.waiting.length === 0) this.#lanes.delete(key);
  }
}
