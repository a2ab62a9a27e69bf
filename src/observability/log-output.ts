import { write, writeSync } from 'node:fs';

/** What becomes of lines that cannot be written. */
export interface LogOutputEvents {
  /** A line was dropped. */
  readonly onDrop: () => void;
  /** Lines can be written again. @param lines how many were dropped since the last time. */
  readonly onResume: (lines: number) => void;
}

export interface LogDestination {
  write(line: string): void;
  /** Says to whom it tells what becomes of lines; only of a destination that may drop some. */
  listen?(events: LogOutputEvents): void;
}

/** Most characters of lines that wait, those under way apart. */
const MOST_WAITING = 1_048_576;
/** A reader may only be slow: the first new try comes soon, the next ones ever later, in ms. */
const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 250;

/**
 * Writes lines to a file descriptor without ever blocking, throwing or ending the process: what cannot be written waits, within a
 * bound, and what comes beyond it is dropped and counted. pino's own destination serves only while writing works: after
 * ENOSPC or with a full pipe its last flush sleeps and tries again for ever, which holds up everything else.
 *
 * The descriptor of a pipe must be non-blocking, or one that nobody reads would keep a thread of the pool for ever.
 */
export class LogOutput implements LogDestination {
  readonly #fd: number;
  #events: LogOutputEvents | undefined;
  #waiting: string[] = [];
  #waitingLength = 0;
  /** What was begun and is not wholly written. */
  #chunk: Buffer | undefined;
  /** Whether the system is writing the chunk; else it waits to be tried again. */
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

  /** Tries once to write all that waits, at once; for the end of the process, which what is being written already outlasts. */
  flushSync(): void {
    try {
      if (this.#isWriting) this.#chunk = undefined;
      for (let chunk = this.#chunk ?? this.#take(); chunk !== undefined; chunk = this.#take()) {
        let rest = chunk;
        while (rest.length > 0) rest = rest.subarray(writeSync(this.#fd, rest));
      }
      this.#chunk = undefined;
    } catch {
      // Nobody is left who could be told.
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

  /** Whatever the reason: a disk may have room again, a pipe may be read again. */
  #tryLater(): void {
    // Without a reference: lines that cannot be written are no reason to live on.
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
