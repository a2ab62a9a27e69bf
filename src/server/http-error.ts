import type { ErrorCode, GatewayError } from '../errors.ts';

/** The answer to a request that does not become an operation: a status and an error. */
export interface HttpError {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** When a retry may succeed; also sent in the header Retry-After. */
  readonly retryAfterSeconds?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body of the answer, in the format of GraphQL errors. */
export const httpErrorBody = ({ code, message, retryAfterSeconds }: HttpError): string =>
  JSON.stringify({ errors: [{ message, extensions: { code, retryAfterSeconds } }] });

/** The answer to a request above a rate limit. */
export const tooMany = ({ code, message, details }: GatewayError): HttpError => ({
  status: 429,
  code,
  message,
  retryAfterSeconds: details.retryAfterSeconds,
});
