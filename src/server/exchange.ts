import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { Metrics } from '../observability/metrics.ts';
import { CLIENT_LEFT, type OperationFacts } from '../observability/request-log.ts';
import { type AbortToken, AbortTokenSource } from '../runtime/abort-token.ts';
import type { Span } from '../runtime/span.ts';
import { isUnencoded, readBody } from './body.ts';
import { corsHeaders, type OriginPolicy } from './cors.ts';
import { type HttpError, httpErrorBody } from './http-error.ts';
import { LARGE_BYTES, LargeResponse } from './large-response.ts';
import type { MemoryBudget } from './memory-budget.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Added to the headers of every answer, or replacing them; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: the answer has no body, as with 204 and 304. */
  readonly body?: string | Uint8Array;
}

/** Shorter strings are written together with the headers. Longer strings are encoded once, by the fastest encoder. */
const LONG_STRING = 16_384;
const utf8 = new TextEncoder();

/** Options that all exchanges of a server share. */
export interface ExchangeOptions {
  readonly metrics: Metrics;
  readonly origins: OriginPolicy;
  /** Whose X-Request-Id is taken over. Absent: nobody's. */
  readonly isTrustedProxy?: ((address: string | undefined) => boolean) | undefined;
  readonly maxBodyBytes: number;
  /** Unsent data of all connections. */
  readonly unread: MemoryBudget;
  /** True: connections are closed after the answer. */
  readonly isClosing: () => boolean;
}

/** Headers of every answer, unless it sets others. The proxy that has the certificate sends HSTS. */
export const COMMON_HEADERS = {
  'cache-control': 'private, no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // A GET has its document in the URL.
  'referrer-policy': 'no-referrer',
  // Media types are negotiated on most paths. Where they are not, the wider value does no harm: only assets may be cached.
  vary: 'Origin, Accept',
};
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const REQUEST_ID = /^[\w.:-]{1,100}$/;

const UNSUPPORTED_ENCODING: HttpError = {
  status: 415,
  code: 'BAD_REQUEST',
  message: 'Compressed bodies are not supported. Send the body without the header Content-Encoding.',
  headers: { 'accept-encoding': 'identity' },
};

/** One request and its answer. */
export class Exchange {
  readonly method: string;
  /** The path with its query, as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The X-Request-Id of a trusted proxy, so that a request has the same id in every log; otherwise a new one. */
  readonly requestId: string;
  readonly response: ServerResponse;
  /** Undefined while tracing is off. */
  span: Span | undefined;
  /** What is logged of the operation of this request. */
  operation: OperationFacts | undefined;
  readonly #request: IncomingMessage;
  readonly #options: ExchangeOptions;
  readonly #abort = new AbortTokenSource();
  #isBodyTooLarge: boolean;

  constructor(request: IncomingMessage, response: ServerResponse, options: ExchangeOptions) {
    const { method = '', url = '', headers } = request;
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.requestId = (options.isTrustedProxy?.(request.socket.remoteAddress) && requestIdIn(headers)) || randomUUID();
    this.response = response;
    this.#request = request;
    this.#options = options;
    // The announced length. That of a chunked body is known only when it has been read.
    this.#isBodyTooLarge = Number(headers['content-length']) > options.maxBodyBytes;
    response.on('close', () => {
      if (!response.writableFinished) this.#abort.abort();
    });
  }

  get socket(): Socket {
    return this.#request.socket;
  }

  /** Aborts when the client disconnects before the end of the answer, so that nothing more is requested from Waldur for it. */
  get signal(): AbortToken {
    return this.#abort;
  }

  /** Status of the answer; known when it was written or the client has disconnected. */
  get status(): number {
    return this.response.headersSent ? this.response.statusCode : CLIENT_LEFT;
  }

  /** The header Expect, which HTTP/1.0 does not know. */
  get expectation(): string | undefined {
    return this.#request.httpVersion === '1.1' ? this.headers.expect?.toLowerCase() : undefined;
  }

  /** @returns undefined when the body is refused, which is answered here, or when the client has disconnected. */
  async readBody(): Promise<Buffer | undefined> {
    const { maxBodyBytes, metrics } = this.#options;
    if (!isUnencoded(this.headers['content-encoding'])) {
      this.refuse(UNSUPPORTED_ENCODING);
      return undefined;
    }
    if (!this.#isBodyTooLarge) {
      // Not earlier: a client that waits for this need not send a body that is refused.
      if (this.expectation !== undefined) this.response.writeContinue();
      const body = await readBody(this.#request, maxBodyBytes);
      if (body !== 'too large') return body;
      this.#isBodyTooLarge = true;
    }
    metrics.refused('body');
    this.refuse({ status: 413, code: 'BAD_REQUEST', message: `The body can have at most ${maxBodyBytes} bytes.` });
    return undefined;
  }

  /** Writes the whole answer. Does nothing when the request was answered already, or the client has disconnected. */
  answer({ status, headers, body }: HttpAnswer): void {
    const { response } = this;
    if (response.headersSent || response.destroyed) return;
    if (body === undefined) {
      this.begin(status, headers);
      response.end();
      return;
    }
    const bytes = typeof body === 'string' && body.length >= LONG_STRING ? utf8.encode(body) : body;
    const length = Buffer.byteLength(bytes);
    this.begin(status, { ...headers, 'content-length': String(length) });
    if (this.method === 'HEAD') response.end();
    else if (typeof bytes === 'string') response.end(bytes);
    else if (length <= LARGE_BYTES) response.end(bytes);
    // The pipeline destroys the response when the client disconnects or is disconnected. Nothing else has to be done then.
    else pipeline(new LargeResponse(bytes, this.#options.unread), response, () => {});
  }

  answerJson(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.answer({ status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(value) });
  }

  /** Answers a request that does not become an operation. */
  refuse(refusal: HttpError): void {
    const { status, retryAfterSeconds } = refusal;
    const retry = retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) };
    this.answer({ status, headers: { ...JSON_TYPE, ...retry, ...refusal.headers }, body: httpErrorBody(refusal) });
  }

  /** Sends status and headers. The caller writes the body to `response`. */
  begin(status: number, headers: Readonly<Record<string, string>>): void {
    const { origins, isClosing } = this.#options;
    // The client might go on sending a body that is too large.
    const isLast = isClosing() || this.#isBodyTooLarge;
    this.response.writeHead(status, {
      ...COMMON_HEADERS,
      'x-request-id': this.requestId,
      ...corsHeaders(this, origins),
      ...(isLast && { connection: 'close' }),
      ...headers,
    });
  }
}

/** @returns undefined when there is none, or one that could harm a log. */
function requestIdIn(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : undefined;
}
