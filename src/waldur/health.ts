import type { Outcome } from './exchange.ts';
import { GATEWAY_TIMEOUT, isOutageStatus } from './retry.ts';

export interface HealthOptions {
  /** Measures durations; see `Time`. */
  readonly now: () => number;
  /** An outage began. `reason` is for people: why no connection can be opened, or the status of the last response. */
  readonly onOutage?: ((reason: Error) => void) | undefined;
  /** The outage is over. @param ms how long it lasted. */
  readonly onRecovery?: ((ms: number) => void) | undefined;
}

/** So many failures in a row are an outage: a single object that Waldur cannot show is none. */
const FAILURES_IN_ROW = 5;
/** Without a success for this long, in ms, the first failure that does not depend on the request is an outage. */
const QUIET_MS = 10_000;

/**
 * Whether Waldur is available: it is not while no connection can be opened, and while every response is a 5xx. Timeouts say nothing,
 * because a slow list makes all calls of its caller time out (contract 2.0).
 */
export class UpstreamHealth {
  readonly #options: HealthOptions;
  #failuresInRow = 0;
  #succeededAt = Number.NEGATIVE_INFINITY;
  /** When a call of a caller failed last. */
  #failedAt = Number.NEGATIVE_INFINITY;
  /** When the outage began; undefined while Waldur is available. */
  #downSince: number | undefined;
  #noConnection: Error | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  get isDown(): boolean {
    return this.#downSince !== undefined;
  }

  /** A connection could not be opened. The exchange that needed it is recorded after this. */
  noConnection(reason: Error): void {
    this.#noConnection = reason;
  }

  /** Records a call of a caller. */
  record(outcome: Outcome): void {
    if (outcome.kind === 'unreachable' || outcome.kind === 'reset') {
      this.#callFailed(this.#noConnection ?? new Error('The connection was reset.'), true);
    } else if ('status' in outcome && outcome.status !== undefined) {
      const { status } = outcome;
      if (status < 500) this.#succeeded();
      else if (status !== GATEWAY_TIMEOUT) {
        this.#callFailed(new Error(`The status is ${status}.`), isOutageStatus(status));
      }
    }
  }

  /**
   * Records a probe. While calls of callers fail, a successful probe says little: it needs no database.
   * @returns whether the probe succeeded.
   */
  recordProbe(outcome: Outcome): boolean {
    if (outcome.kind === 'answer' && outcome.status < 500) {
      if (this.#options.now() - this.#failedAt >= QUIET_MS) this.#succeeded();
      return true;
    }
    const reason = 'status' in outcome ? `The status is ${outcome.status}.` : 'There is no response.';
    this.#failed(this.#noConnection ?? new Error(reason), true);
    return false;
  }

  #succeeded(): void {
    const now = this.#options.now();
    this.#failuresInRow = 0;
    this.#succeededAt = now;
    this.#noConnection = undefined;
    if (this.#downSince === undefined) return;
    const ms = now - this.#downSince;
    this.#downSince = undefined;
    this.#options.onRecovery?.(ms);
  }

  #callFailed(reason: Error, isGeneral: boolean): void {
    this.#failedAt = this.#options.now();
    this.#failed(reason, isGeneral);
  }

  /** @param isGeneral the failure does not depend on the request. */
  #failed(reason: Error, isGeneral: boolean): void {
    const now = this.#options.now();
    this.#failuresInRow += 1;
    if (this.#downSince !== undefined) return;
    const isFirstSign = isGeneral && now - this.#succeededAt >= QUIET_MS;
    if (!isFirstSign && this.#failuresInRow < FAILURES_IN_ROW) return;
    this.#downSince = now;
    this.#options.onOutage?.(reason);
  }
}
