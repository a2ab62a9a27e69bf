/** What is logged of an operation. Names are those of the document; nothing else in it comes from a client. */
export interface OperationFacts {
  /** Undefined for an anonymous operation, and for one that was refused before it was found. */
  readonly operation?: string | undefined;
  readonly kind?: string | undefined;
  /** `ok`, or the code of the first error. */
  readonly outcome: string;
  /** The beginning of the caller's key, which is a hash. */
  readonly caller?: string | undefined;
  /** Calls to Waldur, and their durations together. */
  readonly upstreamCalls?: number | undefined;
  readonly upstreamMs?: number | undefined;
}

export interface RequestLine {
  readonly requestId: string;
  readonly method: string;
  /** As registered, never the URL. */
  readonly route: string | undefined;
  readonly status: number;
  readonly ms: number;
}

/** An operation on a socket or an event stream. */
export interface OperationLine extends OperationFacts {
  readonly requestId?: string | undefined;
  readonly transport: string;
  readonly ms?: number | undefined;
}

interface Log {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
}

/** The status in logs and metrics when the client disconnects before its response, as in nginx. It is no error. */
export const CLIENT_LEFT = 499;
const SECOND_MS = 1_000;

/** Logs requests and operations when they are over. Beyond a number of lines in a second, those without an error are left out. */
export class RequestLog {
  readonly #log: Log;
  readonly #mostPerSecond: number;
  #secondBeganAt = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #leftOut = 0;

  /** @param mostPerSecond lines without an error; 0: all. */
  constructor(log: Log, mostPerSecond = 0) {
    this.#log = log;
    this.#mostPerSecond = mostPerSecond;
  }

  /**
   * @param operation undefined when the request had none.
   * @param isProbe whether an orchestrator or Prometheus sends it all the time.
   */
  request(line: RequestLine, operation: OperationFacts | undefined, isProbe: boolean): void {
    const details = { ...line, ms: Math.round(line.ms), ...operation };
    const isOk = line.status === CLIENT_LEFT || (line.status < 400 && (operation?.outcome ?? 'ok') === 'ok');
    if (isProbe) this.#log.debug(details, 'request');
    else if (this.#isWanted(isOk)) this.#log.info(details, 'request');
  }

  operation({ ms, ...line }: OperationLine): void {
    if (!this.#isWanted(line.outcome === 'ok')) return;
    this.#log.info({ ...line, ...(ms !== undefined && { ms: Math.round(ms) }) }, 'operation');
  }

  #isWanted(isOk: boolean): boolean {
    if (this.#mostPerSecond === 0) return true;
    const now = performance.now();
    if (now - this.#secondBeganAt >= SECOND_MS) {
      if (this.#leftOut > 0)
        this.#log.info({ lines: this.#leftOut }, 'Lines without an error were left out (LOG_REQUESTS_PER_SECOND)');
      this.#secondBeganAt = now;
      this.#lines = 0;
      this.#leftOut = 0;
    }
    if (!isOk) return true;
    this.#lines += 1;
    if (this.#lines <= this.#mostPerSecond) return true;
    this.#leftOut += 1;
    return false;
  }
}
