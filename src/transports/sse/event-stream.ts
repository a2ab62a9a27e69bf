import type { ServerResponse } from 'node:http';
import type { AbortToken } from '../../runtime/abort-token.ts';
import type { Exchange } from '../../server/exchange.ts';
import { LARGE_BYTES } from '../../server/large-response.ts';
import type { MemoryBudget } from '../../server/memory-budget.ts';

export interface StreamPace {
  /** Interval of comments, in ms. Proxies close connections without traffic. */
  readonly keepAliveMs: number;
  /** How long a reader may take to read the rest after the end of its stream, in ms. */
  readonly lastMs: number;
}

export const STREAM_PACE: StreamPace = { keepAliveMs: 12_000, lastMs: 30_000 };

export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Otherwise nginx delays events until its buffer is full.
  'x-accel-buffering': 'no',
};
/** Firefox and Safari report a stream as open only when they have received something. Comments also keep the connection alive. */
const COMMENT = ':\n\n';

/** An answer as server-sent events. Each event is sent when the network has taken the previous one, so nothing accumulates for a slow reader. */
export class EventStream {
  readonly #exchange: Exchange;
  readonly #response: ServerResponse;
  readonly #pace: StreamPace;
  readonly #unread: MemoryBudget;
  #timer: NodeJS.Timeout | undefined;
  /** Ends the wait of `send`. */
  #proceed: () => void = () => {};
  #impatient = false;

  /** @param unread unsent data of all connections. */
  constructor(exchange: Exchange, pace: StreamPace, unread: MemoryBudget) {
    const { response } = exchange;
    this.#exchange = exchange;
    this.#response = response;
    this.#pace = pace;
    this.#unread = unread;
    response.once('close', () => {
      clearTimeout(this.#timer);
      this.hurry();
    });
  }

  /** Aborts when the reader disconnects before the end. */
  get gone(): AbortToken {
    return this.#exchange.signal;
  }

  open(): void {
    this.#exchange.begin(200, EVENT_STREAM_HEADERS);
    this.#response.write(COMMENT);
    this.#timer = setInterval(() => {
      // Not while the reader does not read.
      if (this.#response.writableLength === 0) this.#response.write(COMMENT);
    }, this.#pace.keepAliveMs);
  }

  /** Resolves when the network has taken the event, or never will. @param json without line breaks; absent: none. */
  send(event: 'next' | 'complete', json = ''): Promise<void> {
    const text = `event: ${event}\ndata: ${json}\n\n`;
    if (!this.#response.writable) return Promise.resolve();
    if (this.#impatient) {
      this.#response.write(text);
      return Promise.resolve();
    }
    const length = Buffer.byteLength(text);
    const share = length > LARGE_BYTES ? this.#unread.hold(length, () => this.#response.destroy()) : undefined;
    return new Promise((resolve) => {
      this.#proceed = resolve;
      this.#response.write(text, () => {
        share?.release();
        resolve();
      });
    });
  }

  /** From now on `send` does not wait for the reader, because its stream has ended. */
  hurry(): void {
    this.#impatient = true;
    this.#proceed();
  }

  end(): void {
    clearTimeout(this.#timer);
    if (this.#response.destroyed) return;
    this.#response.end();
    if (this.#response.writableFinished) return;
    this.#timer = setTimeout(() => this.#response.destroy(), this.#pace.lastMs);
  }
}
