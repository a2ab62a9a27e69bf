import type { ErrorCode, GatewayError } from '../errors.ts';

/** A request that never becomes an operation: the status and body it is answered with. */
export interface HttpError {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** When it may be worth trying again; told in the header Retry-After as well. */
  readonly retryAfterSeconds?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body of a refusal, of the same shape as any GraphQL error. */
export const httpErrorBody = ({ code, message, retryAfterSeconds }: HttpError): string =>
  JSON.stringify({ errors: [{ message, extensions: { code, retryAfterSeconds } }] });

/** What goes to a client. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** A refusal as it goes to the client. */
export const httpErrorResponse = (refusal: HttpError): Answer => ({
  status: refusal.status,
  headers: {
    ...refusal.headers,
    ...(refusal.retryAfterSeconds !== undefined && { 'retry-after': String(refusal.retryAfterSeconds) }),
    'content-type': 'application/json; charset=utf-8',
  },
  body: httpErrorBody(refusal),
});

/** Too many requests. */
export const tooMany = ({ code, message, details }: GatewayError): HttpError => ({
  status: 429,
  code,
  message,
  retryAfterSeconds: details.retryAfterSeconds,
});
