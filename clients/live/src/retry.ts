/** Which ends of a stream are worth another attempt, and when. */

export interface RetryOptions {
  /** Attempts in a row without an event, after those of the client itself. Default: unlimited. */
  readonly retryAttempts?: number;
  /**
   * Milliseconds before an attempt. The default grows from 0.5 to 30 s and has a random part. A longer time that the gateway names is kept.
   *
   * @param retries how many attempts have failed in a row
   */
  readonly retryDelay?: (retries: number) => number;
  /**
   * Replaces the default decision.
   *
   * @param problem what `sink.error` gets without this package; for graphql-sse also the errors of a last result
   */
  readonly shouldRetry?: (problem: unknown) => boolean;
}

/** Errors of one operation that pass. */
const PASSING = new Set([
  'RATE_LIMITED',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_BUSY',
  'UPSTREAM_ERROR',
]);

/** Close codes after which the same request fails again. */
const FINAL_CLOSE_CODES = new Set([1002, 1003, 1007, 1009, 1010, 1015, 4004, 4005, 4400, 4401, 4406, 4409, 4429]);

/** Statuses below 500 that pass. */
const PASSING_STATUSES = new Set([408, 425, 429]);

export class Retries {
  readonly #options: RetryOptions;
  #inRow = 0;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  succeeded(): void {
    this.#inRow = 0;
  }

  /** @returns milliseconds until the next attempt; undefined if there is none. */
  next(problem: unknown): number | undefined {
    const { retryAttempts = Number.POSITIVE_INFINITY, shouldRetry = isPassing, retryDelay = backoff } = this.#options;
    if (this.#inRow >= retryAttempts || !shouldRetry(problem)) return undefined;
    this.#inRow += 1;
    return Math.max(retryDelay(this.#inRow - 1), retryAfter(problem));
  }
}

/** A random part keeps the clients from reconnecting all at once after a restart of the gateway. */
const backoff = (retries: number): number => (0.5 + Math.random() / 2) * Math.min(30_000, 500 * 2 ** retries);

/** Whether the same request can succeed later, with the credentials that the client then sends. */
export function isPassing(problem: unknown): boolean {
  if (Array.isArray(problem)) {
    return problem.length > 0 && problem.every((error) => PASSING.has(String(read(error, 'extensions', 'code'))));
  }
  if (isNetworkError(problem)) {
    const status = read(problem, 'response', 'status');
    return typeof status !== 'number' || status >= 500 || PASSING_STATUSES.has(status);
  }
  // Also 4403, which the gateway sends after UNAUTHENTICATED: the next connection has new credentials, or gets UNAUTHENTICATED again.
  const code = read(problem, 'code');
  if (typeof code === 'number' && read(problem, 'reason') !== undefined) return !FINAL_CLOSE_CODES.has(code);
  // A WebSocket that could not connect has an event without details.
  return !(problem instanceof Error) && read(problem, 'type') === 'error';
}

/** graphql-sse throws it for a connection that failed or was lost, and for a response that is no stream. */
const isNetworkError = (problem: unknown): boolean => problem instanceof Error && problem.name === 'NetworkError';

/** Milliseconds that the gateway names; 0 if it names none. */
function retryAfter(problem: unknown): number {
  const seconds = Array.isArray(problem)
    ? problem.map((error) => Number(read(error, 'extensions', 'retryAfterSeconds') ?? 0))
    : [Number(header(read(problem, 'response', 'headers'), 'retry-after') ?? 0)];
  return 1_000 * Math.max(0, ...seconds.filter(Number.isFinite));
}

const header = (headers: unknown, name: string): string | null =>
  headers instanceof Headers ? headers.get(name) : null;

function read(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}
