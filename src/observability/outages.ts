interface Log {
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

interface OutageLog {
  /** An outage of Waldur began. */
  began(reason: Error): void;
  /** It is over. @param ms how long it lasted. */
  over(ms: number): void;
}

/** Logs each outage of Waldur once, with its reason, and once when it is over. Clients are only told that Waldur is not available. */
export const outageLog = (log: Log): OutageLog => ({
  began: (reason) => log.warn({ reason: reasonOf(reason) }, 'Waldur cannot be reached'),
  over: (ms) => log.info({ outageSeconds: Math.round(ms / 100) / 10 }, 'Waldur can be reached again'),
});

/** For how long nothing may fail until an outage of Redis counts as over, in ms. Otherwise an unstable Redis would flood the log. */
const CALM_MS = 3_000;

/** Logs one line when Redis becomes unavailable, and one when it is available again. */
export class RedisOutageLog {
  readonly #log: Log;
  readonly #redis: string;
  /** Kinds of operations that failed and have not succeeded since. */
  readonly #failing = new Set<string>();
  #isOut = false;
  #calm: NodeJS.Timeout | undefined;

  constructor(log: Log, url: string) {
    this.#log = log;
    this.#redis = withoutPassword(url);
  }

  /** An operation of this kind failed. */
  failed(operation: string, error: unknown): void {
    clearTimeout(this.#calm);
    this.#calm = undefined;
    this.#failing.add(operation);
    if (this.#isOut) return;
    this.#isOut = true;
    const message = 'Redis (REDIS_URL) is unavailable; this replica works alone';
    this.#log.warn({ redis: this.#redis, operation, reason: reasonOf(error) }, message);
  }

  /** An operation of this kind succeeded. */
  worked(operation: string): void {
    if (!this.#isOut) return;
    this.#failing.delete(operation);
    if (this.#failing.size > 0 || this.#calm !== undefined) return;
    this.#calm = setTimeout(() => {
      this.#isOut = false;
      this.#calm = undefined;
      this.#log.info({ redis: this.#redis }, 'Redis (REDIS_URL) is available again');
    }, CALM_MS).unref();
  }
}

function withoutPassword(url: string): string {
  const redacted = new URL(url);
  redacted.password = '';
  return redacted.href;
}

/** A host name with several addresses fails with one error for each of them, in an error without a message. */
const reasonOf = (reason: unknown): string => {
  if (reason instanceof AggregateError && reason.errors.length > 0) return reason.errors.map(reasonOf).join('; ');
  return reason instanceof Error ? reason.message : String(reason);
};
