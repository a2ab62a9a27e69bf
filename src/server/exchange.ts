import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { Metrics } from '../observability/metrics.ts';
import { type AbortToken, AbortTokenSource } from '../runtime/abort-token.ts';
import { readBody } from './body.ts';
import { corsHeaders, type OriginPolicy } from './cors.ts';
import { type HttpError, httpErrorBody } from './http-error.ts';
import { LARGE_BYTES, LargeResponse } from './large-response.ts';
import type { MemoryBudget } from './memory-budget.ts';

export interface HttpAnswer {
  readonly status: number;
  /** In place of those that every answer has, or besides them; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: the answer has none, as with 204 and 304. */
  readonly body?: string | Uint8Array;
}

/** Shorter strings are written with the headers, in one piece. Longer ones are encoded once, by the encoder that is fastest for them. */
const LONG_STRING = 16_384;
const utf8 = new TextEncoder();

/** What the exchanges of a server have in common. */
export interface ExchangeOptions {
  readonly metrics: Metrics;
  readonly origins: OriginPolicy;
  readonly maxBodyBytes: number;
  /** What is unsent on all connections. */
  readonly unread: MemoryBudget;
  /** True: connections are closed with the answer. */
  readonly isDraining: () => boolean;
}

/** Headers of every answer, unless it sets others. HSTS is for the proxy to send, which has the certificate. */
const ALWAYS = {
  'cache-control': 'private, no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // A GET has its document in the URL.
  'referrer-policy': 'no-referrer',
  vary: 'Origin',
};
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const REQUEST_ID = /^[\w.:-]{1,100}$/;
/** The status in log and metrics when the client left before it was answered, as nginx writes it. */
const CLIENT_LEFT = 499;

/** One request and its answer. */
export class Exchange {
  readonly method: string;
  /** The path with its query, as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The caller's own X-Request-Id when it is harmless, so that one id follows a request through every log. */
  readonly requestId: string;
  readonly response: ServerResponse;
  readonly #request: IncomingMessage;
  readonly #options: ExchangeOptions;
  readonly #abort = new AbortTokenSource();
  #isBodyTooLarge: boolean;

  constructor(request: IncomingMessage, response: ServerResponse, options: ExchangeOptions) {
    const { method = '', url = '', headers } = request;
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.requestId = requestIdOf(headers);
    this.response = response;
    this.#request = request;
    this.#options = options;
    // Announced. A body in chunks is only known by then.
    this.#isBodyTooLarge = Number(headers['content-length']) > options.maxBodyBytes;
    response.on('close', () => {
      if (!response.writableFinished) this.#abort.abort();
    });
  }

  get socket(): Socket {
    return this.#request.socket;
  }

  /** Aborts when the client leaves before it was answered, so that nothing more is asked upstream for nobody. */
  get signal(): AbortToken {
    return this.#abort;
  }

  /** Of the answer; known once it was written or the client left. */
  get status(): number {
    return this.response.headersSent ? this.response.statusCode : CLIENT_LEFT;
  }

  /** The header Expect, which HTTP/1.0 does not know. */
  get expectation(): string | undefined {
    return this.#request.httpVersion === '1.1' ? this.headers.expect?.toLowerCase() : undefined;
  }

  /** @returns undefined when it is too large, which is answered here, or when the client left. */
  async readBody(): Promise<Buffer | undefined> {
    const { maxBodyBytes, metrics } = this.#options;
    if (!this.#isBodyTooLarge) {
      // Not before: a client that waits for this need not send what is refused.
      if (this.expectation !== undefined) this.response.writeContinue();
      const body = await readBody(this.#request, maxBodyBytes);
      if (body !== 'too large') return body;
      this.#isBodyTooLarge = true;
    }
    metrics.refused('body');
    this.refuse({ status: 413, code: 'BAD_REQUEST', message: `The body may have at most ${maxBodyBytes} bytes.` });
    return undefined;
  }

  /** Writes the whole answer. Does nothing when there was one before, or the client has left. */
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
    // Ends the response when the client leaves or is ended, which nobody else has to know.
    else pipeline(new LargeResponse(bytes, this.#options.unread), response, () => {});
  }

  answerJson(status: number, value: unknown): void {
    this.answer({ status, headers: JSON_TYPE, body: JSON.stringify(value) });
  }

  /** Answers a request that never becomes an operation. */
  refuse(refusal: HttpError): void {
    const { status, retryAfterSeconds } = refusal;
    const retry = retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) };
    this.answer({ status, headers: { ...JSON_TYPE, ...retry, ...refusal.headers }, body: httpErrorBody(refusal) });
  }

  /** Sends status and headers; the body is left to the caller, who writes it to `response`. */
  begin(status: number, headers: Readonly<Record<string, string>>): void {
    const { origins, isDraining } = this.#options;
    // Who announces too much, or does not stop, would go on sending what nobody reads.
    const isLast = isDraining() || this.#isBodyTooLarge;
    this.response.writeHead(status, {
      ...ALWAYS,
      'x-request-id': this.requestId,
      ...corsHeaders(this, origins),
      ...(isLast && { connection: 'close' }),
      ...headers,
    });
  }
}

function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}
