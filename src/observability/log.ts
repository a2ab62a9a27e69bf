import { write, writeSync } from 'node:fs';
import { type Logger, pino } from 'pino';

/** Events about lines that cannot be written. */
export interface LogOutputEvents {
  /** A line was dropped. */
  readonly onDrop: () => void;
  /** Lines can be written again. @param lines how many were dropped since the last time. */
  readonly onResume: (lines: number) => void;
}

export interface LogDestination {
  write(line: string): void;
  /** Registers the receiver of events; only for destinations that may drop lines. */
  listen?(events: LogOutputEvents): void;
}

/** Maximum length of the waiting lines, without those being written. */
const MOST_WAITING = 1_048_576;
/** A reader may only be slow: the first retry comes soon, later ones after growing delays, in ms. */
const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 250;

/**
 * Writes lines to a file descriptor without blocking, throwing or ending the process. Lines that cannot be written wait, up to a limit;
 * further lines are dropped and counted. pino's own destination works only while writing succeeds: after ENOSPC or with a full pipe its
 * final flush sleeps and retries for ever, which blocks the process.
 *
 * The descriptor of a pipe must be non-blocking. Otherwise a pipe that is not read occupies a thread of the pool for ever.
 */
export class LogOutput implements LogDestination {
  readonly #fd: number;
  #events: LogOutputEvents | undefined;
  #waiting: string[] = [];
  #waitingLength = 0;
  /** The lines that are partly written. */
  #chunk: Buffer | undefined;
  /** Whether the system is writing the chunk; otherwise it waits for a retry. */
  #isWriting = false;
  #retryMs = FIRST_RETRY_MS;
  #dropped = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  listen(events: LogOutputEvents): void {
    this.#events = events;
  }

  write(line: string): void {
    if (this.#waitingLength + line.length > MOST_WAITING) {
      this.#dropped += 1;
      this.#events?.onDrop();
      return;
    }
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    if (this.#chunk === undefined) this.#send();
  }

  /** Tries once to write all waiting lines synchronously, at the end of the process. A write that is already running completes anyway. */
  flushSync(): void {
    try {
      if (this.#isWriting) this.#chunk = undefined;
      for (let chunk = this.#chunk ?? this.#take(); chunk !== undefined; chunk = this.#take()) {
        let rest = chunk;
        while (rest.length > 0) rest = rest.subarray(writeSync(this.#fd, rest));
      }
      this.#chunk = undefined;
    } catch {
      // Nothing can report this any more.
    }
  }

  #take(): Buffer | undefined {
    if (this.#waiting.length === 0) return undefined;
    const chunk = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    this.#waitingLength = 0;
    return chunk;
  }

  #send(): void {
    this.#chunk ??= this.#take();
    if (this.#chunk === undefined) return;
    this.#isWriting = true;
    write(this.#fd, this.#chunk, (error, written) => {
      this.#isWriting = false;
      if (error) this.#tryLater();
      else this.#sent(written);
    });
  }

  /** Retries after any error: a disk may have room again, a pipe may be read again. */
  #tryLater(): void {
    // Lines that cannot be written must not keep the process alive.
    setTimeout(() => this.#send(), this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  #sent(bytes: number): void {
    this.#retryMs = FIRST_RETRY_MS;
    const rest = this.#chunk?.subarray(bytes);
    this.#chunk = rest?.length === 0 ? undefined : rest;
    this.#send();
    if (this.#chunk !== undefined || this.#dropped === 0) return;
    const lines = this.#dropped;
    this.#dropped = 0;
    this.#events?.onResume(lines);
  }
}

/**
 * The log of the process: JSON lines on standard error, so that standard output stays readable.
 *
 * Nothing that may contain credentials is logged: requests are logged by method and route, not by URL or headers. The redaction is a
 * second line of defence, for errors that contain a request.
 */
export const createLogger = (level: string, destination: LogDestination): Logger =>
  pino(
    {
      level,
      redact: {
        paths: [
          'authorization',
          'headers.authorization',
          'err.headers.authorization',
          '*.authorization',
          '*.headers.authorization',
          'token',
          '*.token',
        ],
        censor: '[redacted]',
      },
    },
    destination,
  );
