/**
 * The closed list of error codes a client can meet in `extensions.code`. Each is described, with cause and cure, in
 * docs/errors.md; a test keeps the two lists the same.
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
  // Apollo Server's own, for requests that never become an operation.
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

const codes: ReadonlySet<unknown> = new Set(ERROR_CODES);

/** True for a member of the closed list. */
export const isErrorCode = (value: unknown): value is ErrorCode => codes.has(value);

/** What else an error may tell a client; every key is safe to show. */
export interface ErrorDetails {
  /** The argument that is wrong, as a path within the field's arguments: `filter.tenant`. */
  argument?: string;
  /** Seconds to wait before trying again. */
  retryAfterSeconds?: number;
  /** What the upstream answered, where it did. */
  upstream?: { status?: number; requestId?: string };
}

/**
 * An error whose message is meant for the client. Every other error is masked as INTERNAL_SERVER_ERROR, so nothing internal
 * reaches a client by mistake.
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

/** A BAD_USER_INPUT that names the argument and what is allowed. */
export const badInput = (argument: string, message: string): GatewayError =>
  new GatewayError('BAD_USER_INPUT', message, { argument });
