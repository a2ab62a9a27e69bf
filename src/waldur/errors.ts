import { type ErrorCode, GatewayError } from '../errors.ts';
import type { ErrorBody } from './error-bodies.ts';

/** How a call upstream can fail. Each kind has one code; `not-found` and `rejected` are for callers to turn into their own. */
export type UpstreamKind =
  /** No connection, reset before a response started, 502, 503, 504, or not called because the breaker is open. */
  | 'unavailable'
  | 'timeout'
  /** The queue of the gateway is full and nothing was sent, or there is no memory for another large response. */
  | 'busy'
  | 'rate-limited'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  /** 400 and 409 in one of Waldur's shapes. */
  | 'rejected'
  /** A response that cannot be used: truncated, another status, HTML, not JSON, another shape, too large. */
  | 'malformed'
  /** A write was sent and its response was lost. It may have been executed, so it is never sent again. */
  | 'outcome-unknown'
  /** No operation waits for the response any more. */
  | 'aborted';

const CODES: Readonly<Record<UpstreamKind, ErrorCode>> = {
  unavailable: 'UPSTREAM_UNAVAILABLE',
  timeout: 'UPSTREAM_TIMEOUT',
  busy: 'UPSTREAM_BUSY',
  'rate-limited': 'RATE_LIMITED',
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'FORBIDDEN',
  'not-found': 'NOT_FOUND',
  rejected: 'BAD_USER_INPUT',
  malformed: 'UPSTREAM_ERROR',
  'outcome-unknown': 'UPSTREAM_OUTCOME_UNKNOWN',
  aborted: 'UPSTREAM_UNAVAILABLE',
};

const MESSAGES: Readonly<Record<UpstreamKind, string>> = {
  unavailable: 'Waldur is not available.',
  timeout: 'Waldur did not answer in time.',
  busy: 'Too many calls to Waldur are waiting. Try again soon.',
  'rate-limited': 'Waldur asks to call less often.',
  unauthenticated: 'Waldur does not accept these credentials, or there were none.',
  forbidden: 'You do not have permission to do this in Waldur.',
  'not-found': 'The object does not exist, or you do not have access to it.',
  rejected: 'Waldur refused the request.',
  malformed: 'Waldur sent an invalid response.',
  'outcome-unknown':
    'The change was sent, but its answer was lost: it may have been made or not. It was not sent again; read the object.',
  aborted: 'The call was given up.',
};

/** A full queue has room again after a few responses. */
export const BUSY_RETRY_SECONDS = 1;

export interface UpstreamFacts {
  /** Replaces the default message of the kind. */
  message?: string;
  status?: number | undefined;
  requestId?: string | undefined;
  retryAfterSeconds?: number;
  /** The refused argument. */
  argument?: string | undefined;
  body?: ErrorBody;
  /** Waldur may still be working on the request. */
  mayStillRun?: boolean;
}

/** A failed upstream call. Its message and details are the gateway's and safe to show; messages of the upstream are only in `body`. */
export class UpstreamError extends GatewayError {
  readonly kind: UpstreamKind;
  /** Of the response, if there was one. */
  readonly status: number | undefined;
  /** The error body, if it had one of Waldur's shapes. */
  readonly body: ErrorBody | undefined;
  /** Of a write whose outcome is unknown: Waldur may still be working on it. */
  readonly mayStillRun: boolean;

  constructor(kind: UpstreamKind, facts: UpstreamFacts = {}) {
    const { status, requestId, retryAfterSeconds, argument } = facts;
    super(CODES[kind], facts.message ?? MESSAGES[kind], {
      ...(argument !== undefined && { argument }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...((status !== undefined || requestId !== undefined) && {
        upstream: { ...(status !== undefined && { status }), ...(requestId !== undefined && { requestId }) },
      }),
    });
    this.kind = kind;
    this.status = status;
    this.body = facts.body;
    this.mayStillRun = facts.mayStillRun ?? false;
  }
}

/** A response that cannot be used. @param what reason in the gateway's words, never a string from the upstream. */
export const malformed = (what: string, facts: Omit<UpstreamFacts, 'message'> = {}): UpstreamError =>
  new UpstreamError('malformed', { ...facts, message: `Waldur sent an invalid response: ${what}.` });

export const isUpstreamError = (error: unknown): error is UpstreamError => error instanceof UpstreamError;
