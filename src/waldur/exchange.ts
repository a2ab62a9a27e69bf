import { constants } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, errors, type Pool } from 'undici';
import type { AbortToken } from '../runtime/abort-token.ts';
import { ChunkBuffer } from '../runtime/chunk-buffer.ts';
import type { TurnBatch } from '../runtime/turn-batch.ts';
import { type BodyBudget, type BodyHolder, FREE_BYTES } from './body-budget.ts';
import { type Decoder, type DecoderStream, decoderOf, isTooLarge } from './decode.ts';
import { type LargeBodies, type LargeBody, ListParser } from './large-bodies.ts';

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, encoded. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: string | null;
  readonly signal: AbortToken | undefined;
}

/** Receives the end of an exchange. */
export interface ExchangeListener {
  /** The response has arrived completely and can no longer be cancelled. `settled` follows in its batch. */
  received(): void;
  /** Either this or `refused` is called, once. */
  settled(outcome: Outcome): void;
  /** The request is invalid, such as with a line break in a header. */
  refused(error: Error): void;
}

/** The result of an exchange. `sent`: the request may have reached the server. */
export type Outcome =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: string;
      /** The items of a large list, parsed already; `body` is empty then. */
      readonly list?: unknown[] | undefined;
    }
  /** No connection; nothing was sent. */
  | { readonly kind: 'unreachable' }
  /** The connection broke after the request was sent and before an answer began. */
  | { readonly kind: 'reset' }
  /** The connection broke within the body. */
  | { readonly kind: 'truncated'; readonly status: number }
  | { readonly kind: 'timeout'; readonly sent: boolean }
  /** The response had begun, but there was no memory for its body in time. */
  | { readonly kind: 'overloaded'; readonly status: number }
  | { readonly kind: 'aborted'; readonly sent: boolean }
  /** The response cannot be used. `what` is for people and quotes nothing of it. */
  | { readonly kind: 'unusable'; readonly status: number | undefined; readonly what: string };

const NO_HEADERS: IncomingHttpHeaders = {};

/** Shared by all exchanges of a transport. */
export interface ExchangeDeps {
  readonly maxBodyBytes: number;
  readonly bodies: BodyBudget;
  readonly answered: TurnBatch<HttpExchange>;
  readonly large: LargeBodies;
}

/** One exchange as undici reports it: a single object instead of a closure for each event. */
export class HttpExchange implements Dispatcher.DispatchHandler, BodyHolder, LargeBody {
  readonly #exchange: Exchange;
  readonly #deps: ExchangeDeps;
  readonly #listener: ExchangeListener;
  #timer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0; // Until the headers arrive.
  #headers: IncomingHttpHeaders = NO_HEADERS;
  #chunks = new ChunkBuffer();
  /** Parser of a large body, which is parsed in steps. */
  #list: ListParser | undefined;
  /** Decoder of a body that is decoded in chunks. */
  #decoding: DecoderStream | undefined;
  /** Whether it ever had to wait for memory. */
  #hasWaited = false;

  constructor(exchange: Exchange, deps: ExchangeDeps, listener: ExchangeListener) {
    this.#exchange = exchange;
    this.#deps = deps;
    this.#listener = listener;
  }

  start(pool: Pool, timeoutMs: number): void {
    const { signal } = this.#exchange;
    if (signal?.aborted) {
      this.#listener.settled({ kind: 'aborted', sent: false });
      return;
    }
    this.#timer = setTimeout(onTimeout, timeoutMs, this);
    signal?.addEventListener('abort', this);
    // undici ignores properties that it does not know.
    pool.dispatch(this.#exchange, this);
  }

  /** Called by the signal. */
  handleEvent(): void {
    this.#giveUp({ kind: 'aborted', sent: this.#controller !== undefined });
  }

  timedOut(): void {
    // The time may have passed in waiting for memory, which says nothing about the upstream.
    this.#giveUp(this.#hasWaited ? this.#overloaded() : { kind: 'timeout', sent: this.#controller !== undefined });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Settled: the connection opened too late. Started before: undici would repeat the request, and repeating is decided elsewhere.
    if (this.#settled || this.#controller !== undefined) {
      controller.abort(ABANDONED);
      return;
    }
    this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // 1xx only announces the answer.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (Number(headers['content-length']) > this.#deps.maxBodyBytes) this.#giveUp(this.#tooLarge());
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#chunks.add(chunk);
    if (this.#chunks.size > this.#deps.maxBodyBytes) this.#giveUp(this.#tooLarge());
    else if (!this.#mayGoOn(this.#chunks.size)) this.#controller?.pause();
  }

  /** Called by the body budget. */
  goOn(): void {
    if (this.#settled) return;
    if (this.#decoding === undefined) this.#controller?.resume();
    else this.#decoding.resume();
  }

  /** False when the body has to wait or was given up. @param size of all its bytes in memory. */
  #mayGoOn(size: number): boolean {
    if (size <= FREE_BYTES) return true;
    const verdict = this.#deps.bodies.hold(this, size);
    if (verdict === 'go') return true;
    if (verdict === 'refused') this.#giveUp(this.#overloaded());
    else this.#hasWaited = true;
    return false;
  }

  onResponseEnd(): void {
    const decode = decoderOf(this.#headers['content-encoding']);
    if (decode === null || this.#chunks.size === 0) {
      this.#whole();
    } else if (decode === undefined) {
      this.#settle(this.#unusable('its content coding is unknown'));
    } else {
      this.#decode(decode);
    }
  }

  /** Decodes a small body at once, else in chunks, each of which counts in the budget. */
  #decode(decoder: Decoder): void {
    const encoded = this.#chunks.whole();
    const { maxBodyBytes } = this.#deps;
    decoder.whole(encoded, { maxOutputLength: Math.min(FREE_BYTES, maxBodyBytes) }).then(
      (decoded) => {
        if (this.#settled) return;
        this.#chunks = new ChunkBuffer();
        this.#chunks.add(decoded);
        this.#whole();
      },
      (error) => {
        if (this.#settled) return;
        if (!isTooLarge(error)) this.#settle(this.#unusable('its compression is broken'));
        else if (maxBodyBytes <= FREE_BYTES) this.#settle(this.#tooLarge());
        else this.#decodeInChunks(decoder.stream(encoded), encoded);
      },
    );
  }

  #decodeInChunks(stream: DecoderStream, encoded: Buffer): void {
    this.#decoding = stream;
    this.#chunks = new ChunkBuffer();
    stream
      .on('data', (chunk: Buffer) => {
        if (this.#settled) return;
        this.#chunks.add(chunk);
        if (this.#chunks.size > this.#deps.maxBodyBytes) this.#settle(this.#tooLarge());
        else if (!this.#mayGoOn(encoded.length + this.#chunks.size)) stream.pause();
      })
      .on('end', () => this.#whole())
      .on('error', () => this.#settle(this.#unusable('its compression is broken')))
      .end(encoded);
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    // An invalid request that waited for a connection may be reported after its timeout.
    if (this.#settled) return;
    const code = 'code' in error ? error.code : undefined;
    if (code === 'UND_ERR_INVALID_ARG') {
      this.#release();
      this.#listener.refused(error);
    } else if (this.#controller === undefined) {
      this.#settle(code === 'UND_ERR_CONNECT_TIMEOUT' ? { kind: 'timeout', sent: false } : { kind: 'unreachable' });
    } else if (this.#status !== 0) {
      this.#settle({ kind: 'truncated', status: this.#status });
    } else if (isNoHttp(error)) {
      this.#settle(this.#unusable('it is not HTTP'));
    } else {
      this.#settle({ kind: 'reset' });
    }
  }

  /** From here on neither timeout nor abort cancels the exchange: the outcome of a write would be unknown without need. */
  #whole(): void {
    if (this.#settled) return;
    this.#leave();
    this.#listener.received();
    if (!this.#deps.large.take(this)) this.#deps.answered.add(this);
  }

  /** In bytes. */
  get size(): number {
    return this.#chunks.size;
  }

  /** Delivers the response in its batch. */
  deliver(): void {
    // One string holds at most 512 MiB in this engine.
    if (this.#chunks.size > constants.MAX_STRING_LENGTH) this.#settle(this.#tooLarge());
    else this.#answer(this.#chunks.whole().toString('utf8'));
  }

  /** As `deliver`, for a large body. Lists are parsed in steps; anything else is left to the reader. */
  step(): boolean {
    try {
      if (this.#list === undefined) {
        this.#list = this.#status < 300 ? ListParser.of(this.#chunks.whole()) : undefined;
        if (this.#list !== undefined) return false;
      } else if (!this.#list.step()) {
        return false;
      } else {
        this.#answer('', this.#list.items);
        return true;
      }
    } catch {
      // The reader finds the same error and reports it.
    }
    this.deliver();
    return true;
  }

  #answer(body: string, list?: unknown[]): void {
    this.#settle({ kind: 'answer', status: this.#status, headers: this.#headers, body, list });
  }

  #overloaded(): Outcome {
    return { kind: 'overloaded', status: this.#status };
  }

  #tooLarge(): Outcome {
    return this.#unusable('it is too large');
  }

  #unusable(what: string): Outcome {
    return { kind: 'unusable', status: this.#status === 0 ? undefined : this.#status, what };
  }

  /** Settles and closes the connection, so that the server can stop and nothing more is read. */
  #giveUp(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settle(outcome);
    this.#controller?.abort(ABANDONED);
  }

  #settle(outcome: Outcome): void {
    if (this.#settled) return;
    this.#release();
    // The listener parses the response, so its memory counts until then.
    this.#listener.settled(outcome);
    this.#deps.bodies.release(this);
  }

  #release(): void {
    this.#settled = true;
    this.#decoding?.destroy();
    this.#leave();
  }

  /** Stops the timer and the abort listener. */
  #leave(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#exchange.signal?.removeEventListener('abort', this);
  }
}

const ABANDONED = new Error('The exchange was given up.');

const onTimeout = (exchange: HttpExchange): void => exchange.timedOut();

/** True when the peer does not speak HTTP or exceeds the limits; an early end of the connection is a reset. */
const isNoHttp = (error: Error): boolean =>
  error instanceof errors.HeadersOverflowError ||
  (error instanceof errors.HTTPParserError && error.code !== 'HPE_INVALID_EOF_STATE');
