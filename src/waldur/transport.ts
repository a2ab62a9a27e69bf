import { constants } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { buildConnector, type Dispatcher, errors, Pool } from 'undici';
import type { AbortToken } from '../runtime/abort-token.ts';
import { ChunkBuffer } from '../runtime/chunk-buffer.ts';
import { TurnBatch } from '../runtime/turn-batch.ts';
import { BodyBudget, type BodyHolder, FREE_BYTES } from './body-budget.ts';
import { type Decoder, type DecoderStream, decoderOf, isTooLarge } from './decode.ts';
import { LargeBodies, type LargeBody } from './large-bodies.ts';
import { ListParser } from './list-parser.ts';

export interface TransportOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Most connections at the same time. */
  readonly connections: number;
  /** Most bytes of a body, as sent and after decompression. */
  readonly maxBodyBytes: number;
  /** Most bytes of all bodies together; see `BodyBudget`. */
  readonly maxBodiesBytes: number;
  /** How long a connection may take to open, in ms. */
  readonly connectTimeoutMs: number;
  /** Told of each connection that could not be opened, and why: a name that nobody has, a certificate that nobody trusts. */
  readonly onNoConnection: ((reason: Error) => void) | undefined;
}

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, encoded. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: string | null;
  readonly signal: AbortToken | undefined;
}

/** Who waits for the end of an exchange. */
export interface ExchangeEnd {
  /** All of the answer is here, and cannot be given up any more. `settled` follows, in its round. */
  received(): void;
  /** One of these two is called, once. */
  settled(outcome: Outcome): void;
  /** The request could not be one, such as with a line break in a header. */
  refused(error: Error): void;
}

/** What became of one exchange. `sent`: the request may have reached the server. */
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
  /** The answer had begun, and there was no memory for its body, or not in time. */
  | { readonly kind: 'crowded'; readonly status: number }
  | { readonly kind: 'aborted'; readonly sent: boolean }
  /** Something came that is no answer we can read. `what` is for people and holds nothing of it. */
  | { readonly kind: 'unusable'; readonly status: number | undefined; readonly what: string };

/** `Link` repeats the whole query up to four times, so undici's 16 KiB would be too few for a long one. */
const MAX_HEADER_BYTES = 128 * 1024;

/** Of all connections, how many bodies may wait for memory: the others are left to answers that are small. */
const WAITING_SHARE = 1 / 4;

/**
 * Sends single requests to one origin. Never follows a redirect, never repeats anything, never sends a header that it was not
 * given (but Host, Connection and Content-Length).
 */
export class Transport {
  readonly #pool: Pool;
  readonly #means: AttemptMeans;

  constructor(options: TransportOptions) {
    this.#means = {
      maxBodyBytes: options.maxBodyBytes,
      bodies: new BodyBudget({
        bytes: options.maxBodiesBytes,
        mostWaiting: Math.ceil(options.connections * WAITING_SHARE),
      }),
      answered: new TurnBatch(deliver, weightOf),
      large: new LargeBodies(),
    };
    this.#pool = new Pool(options.origin, {
      connections: options.connections,
      // One request a connection: a second one would be sent again by undici when the first breaks the connection.
      pipelining: 1,
      // Our own timer covers the whole attempt.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: MAX_HEADER_BYTES,
      connect: connectorOf(options),
    });
  }

  /** @param timeoutMs for all of it: connection, headers and body. */
  exchange(exchange: Exchange, timeoutMs: number, end: ExchangeEnd): void {
    new Attempt(exchange, this.#means, end).start(this.#pool, timeoutMs);
  }

  /** As `exchange`; rejects only for a request that could not be one. */
  send(exchange: Exchange, timeoutMs: number): Promise<Outcome> {
    return new Promise((settled, refused) =>
      this.exchange(exchange, timeoutMs, { received: nothing, settled, refused }),
    );
  }

  /** Breaks off what still runs. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** Opens connections as undici does, and reports those that could not be opened. */
function connectorOf({ connectTimeoutMs, onNoConnection }: TransportOptions): buildConnector.connector {
  const connect = buildConnector({ timeout: connectTimeoutMs });
  return (options, callback) =>
    connect(options, (...result) => {
      const [reason] = result;
      if (reason !== null) onNoConnection?.(reason);
      callback(...result);
    });
}

const NO_HEADERS: IncomingHttpHeaders = {};

/** What all attempts share. */
interface AttemptMeans {
  readonly maxBodyBytes: number;
  readonly bodies: BodyBudget;
  readonly answered: TurnBatch<Attempt>;
  readonly large: LargeBodies;
}

/** One exchange as undici reports it: a single object instead of a closure for each event. */
class Attempt implements Dispatcher.DispatchHandler, BodyHolder, LargeBody {
  readonly #exchange: Exchange;
  readonly #means: AttemptMeans;
  readonly #end: ExchangeEnd;
  #timer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0; // Until the headers are there.
  #headers: IncomingHttpHeaders = NO_HEADERS;
  #pieces = new ChunkBuffer();
  /** Of a large body that is parsed in steps. */
  #list: ListParser | undefined;
  /** Of a body that is decoded piece by piece. */
  #decoding: DecoderStream | undefined;
  /** Whether it ever had to wait for memory. */
  #hasWaited = false;

  constructor(exchange: Exchange, means: AttemptMeans, end: ExchangeEnd) {
    this.#exchange = exchange;
    this.#means = means;
    this.#end = end;
  }

  start(pool: Pool, timeoutMs: number): void {
    const { signal } = this.#exchange;
    if (signal?.aborted) {
      this.#end.settled({ kind: 'aborted', sent: false });
      return;
    }
    this.#timer = setTimeout(onTimeout, timeoutMs, this);
    signal?.addEventListener('abort', this);
    // What undici has no name for it passes over.
    pool.dispatch(this.#exchange, this);
  }

  /** The signal's. */
  handleEvent(): void {
    this.#giveUp({ kind: 'aborted', sent: this.#controller !== undefined });
  }

  timedOut(): void {
    // Its time may have gone by in waiting for us: that says nothing of the upstream.
    this.#giveUp(this.#hasWaited ? this.#crowded() : { kind: 'timeout', sent: this.#controller !== undefined });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Settled: the connection opened too late. Started before: undici would repeat it, which is not its decision.
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
    if (Number(headers['content-length']) > this.#means.maxBodyBytes) this.#giveUp(this.#tooLarge());
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#pieces.add(chunk);
    if (this.#pieces.size > this.#means.maxBodyBytes) this.#giveUp(this.#tooLarge());
    else if (!this.#mayGoOn(this.#pieces.size)) this.#controller?.pause();
  }

  /** The budget's. */
  goOn(): void {
    if (this.#settled) return;
    if (this.#decoding === undefined) this.#controller?.resume();
    else this.#decoding.resume();
  }

  /** False when it has to wait, and when it was given up. @param size of all that is in memory. */
  #mayGoOn(size: number): boolean {
    if (size <= FREE_BYTES) return true;
    const verdict = this.#means.bodies.hold(this, size);
    if (verdict === 'go') return true;
    if (verdict === 'refused') this.#giveUp(this.#crowded());
    else this.#hasWaited = true;
    return false;
  }

  onResponseEnd(): void {
    const decode = decoderOf(this.#headers['content-encoding']);
    if (decode === null || this.#pieces.size === 0) {
      this.#whole();
    } else if (decode === undefined) {
      this.#settle(this.#unusable('its content coding is unknown'));
    } else {
      this.#decode(decode);
    }
  }

  /** At one go what turns out to be small, as nearly all are; else piece by piece, each of them counted. */
  #decode(decoder: Decoder): void {
    const encoded = this.#pieces.whole();
    const { maxBodyBytes } = this.#means;
    decoder.whole(encoded, { maxOutputLength: Math.min(FREE_BYTES, maxBodyBytes) }).then(
      (decoded) => {
        if (this.#settled) return;
        this.#pieces = new ChunkBuffer();
        this.#pieces.add(decoded);
        this.#whole();
      },
      (error) => {
        if (this.#settled) return;
        if (!isTooLarge(error)) this.#settle(this.#unusable('its compression is broken'));
        else if (maxBodyBytes <= FREE_BYTES) this.#settle(this.#tooLarge());
        else this.#decodeInPieces(decoder.stream(encoded), encoded);
      },
    );
  }

  #decodeInPieces(stream: DecoderStream, encoded: Buffer): void {
    this.#decoding = stream;
    this.#pieces = new ChunkBuffer();
    stream
      .on('data', (chunk: Buffer) => {
        if (this.#settled) return;
        this.#pieces.add(chunk);
        if (this.#pieces.size > this.#means.maxBodyBytes) this.#settle(this.#tooLarge());
        else if (!this.#mayGoOn(encoded.length + this.#pieces.size)) stream.pause();
      })
      .on('end', () => this.#whole())
      .on('error', () => this.#settle(this.#unusable('its compression is broken')))
      .end(encoded);
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    // One that waited for a connection may turn out to be none when its time is over.
    if (this.#settled) return;
    const code = 'code' in error ? error.code : undefined;
    if (code === 'UND_ERR_INVALID_ARG') {
      this.#release();
      this.#end.refused(error);
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

  /** From here on neither time nor the caller's leaving makes it undone: what a write has done would be unknown for nothing. */
  #whole(): void {
    if (this.#settled) return;
    this.#leave();
    this.#end.received();
    if (!this.#means.large.take(this)) this.#means.answered.add(this);
  }

  /** In bytes. */
  get size(): number {
    return this.#pieces.size;
  }

  /** Its turn has come. */
  deliver(): void {
    // One string holds at most 512 MiB in this engine.
    if (this.#pieces.size > constants.MAX_STRING_LENGTH) this.#settle(this.#tooLarge());
    else this.#answer(this.#pieces.whole().toString('utf8'));
  }

  /** As `deliver`, of a large body. Lists are parsed on the way; what is no list, or not JSON, is left to the reader. */
  step(): boolean {
    try {
      if (this.#list === undefined) {
        this.#list = this.#status < 300 ? ListParser.of(this.#pieces.whole()) : undefined;
        if (this.#list !== undefined) return false;
      } else if (!this.#list.step()) {
        return false;
      } else {
        this.#answer('', this.#list.items);
        return true;
      }
    } catch {
      // The reader will find the same mistake, and report it.
    }
    this.deliver();
    return true;
  }

  #answer(body: string, list?: unknown[]): void {
    this.#settle({ kind: 'answer', status: this.#status, headers: this.#headers, body, list });
  }

  #crowded(): Outcome {
    return { kind: 'crowded', status: this.#status };
  }

  #tooLarge(): Outcome {
    return this.#unusable('it is too large');
  }

  #unusable(what: string): Outcome {
    return { kind: 'unusable', status: this.#status === 0 ? undefined : this.#status, what };
  }

  /** Settles and breaks the connection, so that the server stops working on it and nothing more is read. */
  #giveUp(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settle(outcome);
    this.#controller?.abort(ABANDONED);
  }

  #settle(outcome: Outcome): void {
    if (this.#settled) return;
    this.#release();
    // Here the answer is parsed.
    this.#end.settled(outcome);
    this.#means.bodies.release(this);
  }

  #release(): void {
    this.#settled = true;
    this.#decoding?.destroy();
    this.#leave();
  }

  /** Nothing ends it any more but itself. */
  #leave(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#exchange.signal?.removeEventListener('abort', this);
  }
}

const deliver = (attempt: Attempt): void => attempt.deliver();

/** What any answer is in work besides its size, in bytes. */
const WEIGHT_OF_ANY = 2_000;

const weightOf = (attempt: Attempt): number => WEIGHT_OF_ANY + attempt.size;

const nothing = (): void => {};

const ABANDONED = new Error('The exchange was given up.');

const onTimeout = (attempt: Attempt): void => attempt.timedOut();

/** Something answered that does not speak HTTP, or not within the limits; an early end of the connection is a reset. */
const isNoHttp = (error: Error): boolean =>
  error instanceof errors.HeadersOverflowError ||
  (error instanceof errors.HTTPParserError && error.code !== 'HPE_INVALID_EOF_STATE');
