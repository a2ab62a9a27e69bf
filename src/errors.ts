/**
 * The closed list of error codes that `extensions.code` can contain. docs/errors.md describes each of them; a test keeps the two
 * lists equal.
 */
export const ERROR_CODES = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'QUERY_TOO_COMPLEX',
  'RATE_LIMITED',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_BUSY',
  'UPSTREAM_ERROR',
  'UPSTREAM_OUTCOME_UNKNOWN',
  'INTERNAL_SERVER_ERROR',
  // Codes of Apollo Server for requests that are not an operation.
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

const codes: ReadonlySet<unknown> = new Set(ERROR_CODES);

/** Whether a value is one of these codes. */
export const isErrorCode = (value: unknown): value is ErrorCode => codes.has(value);

/** Details of an error that are sent to clients. */
export interface ErrorDetails {
  /** The invalid argument, as a path within the arguments of the field: `filter.tenant`. */
  argument?: string;
  /** Seconds to wait before a retry. */
  retryAfterSeconds?: number;
  /** Status and id of the upstream's response, if there was one. */
  upstream?: { status?: number; requestId?: string };
}

/**
 * An error whose message is sent to the client. Every other error is masked as INTERNAL_SERVER_ERROR, so that internal details do
 * not reach a client by mistake.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** Makes a BAD_USER_INPUT error. @param message what is allowed. */
export const badInput = (argument: string, message: string): GatewayError =>
  new GatewayError('BAD_USER_INPUT', message, { argument });
