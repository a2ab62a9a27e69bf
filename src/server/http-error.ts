import type { ErrorCode, GatewayError } from '../errors.ts';

/** Why a request never becomes an operation: the status and the error that it is answered with. */
export interface HttpError {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** When a retry may succeed; also sent in the header Retry-After. */
  readonly retryAfterSeconds?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body of the answer, of the same shape as any GraphQL error. */
export const httpErrorBody = ({ code, message, retryAfterSeconds }: HttpError): string =>
  JSON.stringify({ errors: [{ message, extensions: { code, retryAfterSeconds } }] });

/** Too many requests. */
export const tooMany = ({ code, message, details }: GatewayError): HttpError => ({
  status: 429,
  code,
  message,
  retryAfterSeconds: details.retryAfterSeconds,
});
