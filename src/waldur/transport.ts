import { buildConnector, Pool } from 'undici';
import { TurnBatch } from '../runtime/turn-batch.ts';
import { BodyBudget } from './body-budget.ts';
import { type Exchange, type ExchangeDeps, type ExchangeListener, HttpExchange, type Outcome } from './exchange.ts';
import { LargeBodies } from './large-bodies.ts';

export interface TransportOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Maximum concurrent connections. */
  readonly connections: number;
  /** Maximum size of a body, before and after decompression. */
  readonly maxBodyBytes: number;
  /** Maximum size of all bodies together; see `BodyBudget`. */
  readonly maxBodiesBytes: number;
  /** How long a connection may take to open, in ms. */
  readonly connectTimeoutMs: number;
  /** Called for each connection that could not be opened, with the reason, such as an unknown host or an untrusted certificate. */
  readonly onNoConnection: ((reason: Error) => void) | undefined;
}

/** `Link` repeats the whole query up to four times, so undici's 16 KiB would be too few for a long one. */
const MAX_HEADER_BYTES = 128 * 1024;

/** Share of the connections whose bodies may wait for memory; the rest stays free for small responses. */
const WAITING_SHARE = 1 / 4;

/**
 * Sends single requests to one origin. It follows no redirects, repeats nothing, and adds no headers but Host, Connection and
 * Content-Length.
 *
 * Bytes that arrive while no request runs close their connection, because they would be taken for the response to the next request.
 * undici (7.30.2) reads an idle connection once more before it writes to it, so this includes bytes that arrive until then.
 * HTTP/1.1 does not number responses: a stray response that crosses a request on the network cannot be told from its response. Then the real
 * response is surplus and closes the connection, so that no further request is affected. test/faults/unsolicited.test.ts checks all of it.
 */
export class Transport {
  readonly #pool: Pool;
  readonly #deps: ExchangeDeps;

  constructor(options: TransportOptions) {
    this.#deps = {
      maxBodyBytes: options.maxBodyBytes,
      bodies: new BodyBudget({
        bytes: options.maxBodiesBytes,
        mostWaiting: Math.ceil(options.connections * WAITING_SHARE),
      }),
      answered: new TurnBatch((exchange) => exchange.deliver(), weightOf),
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
  exchange(exchange: Exchange, timeoutMs: number, listener: ExchangeListener): void {
    new HttpExchange(exchange, this.#deps, listener).start(this.#pool, timeoutMs);
  }

  /** As `exchange`; rejects only for an invalid request. */
  send(exchange: Exchange, timeoutMs: number): Promise<Outcome> {
    return new Promise((settled, refused) => this.exchange(exchange, timeoutMs, { received() {}, settled, refused }));
  }

  /** Aborts running exchanges. */
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

/** Work of any response besides that for its size, in bytes. */
const BASE_WEIGHT = 2_000;

const weightOf = (exchange: HttpExchange): number => BASE_WEIGHT + exchange.size;
