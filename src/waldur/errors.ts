import { type ErrorCode, GatewayError } from '../errors.ts';
import type { ErrorBody } from './error-bodies.ts';

/** How a call upstream can fail. Each kind has one code; `not-found` and `rejected` are for callers to turn into their own. */
export type UpstreamKind =
  /** No connection, reset before an answer began, 502, 503, 504, or not asked because it keeps failing. */
  | 'unavailable'
  | 'timeout'
  /** Our own queue is full and nothing was sent, or there is no memory for one more large answer. */
  | 'busy'
  | 'rate-limited'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  /** 400 and 409 in one of Waldur's own shapes. */
  | 'rejected'
  /** An invalid response: truncated, an unexpected status, HTML, invalid JSON, an unexpected shape, too large. */
  | 'malformed'
  /** A write was sent and its answer was lost. It may have been done, so it is never sent again. */
  | 'outcome-unknown'
  /** Nobody waits for the answer any more. */
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

/** What is full now may have room as soon as a few calls have been answered. */
export const BUSY_RETRY_SECONDS = 1;

export interface UpstreamFacts {
  /** Instead of the usual message of the kind. */
  message?: string;
  status?: number | undefined;
  requestId?: string | undefined;
  retryAfterSeconds?: number;
  /** The argument that was refused. */
  argument?: string | undefined;
  body?: ErrorBody;
}

/** A call upstream that failed. Message and details are ours and safe to show; the upstream's own texts are only in `body`. */
export class UpstreamError extends GatewayError {
  readonly kind: UpstreamKind;
  /** Of the answer, where there was one. */
  readonly status: number | undefined;
  /** What Waldur said, where it said it in one of its own shapes. */
  readonly body: ErrorBody | undefined;

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
  }
}

/** An invalid response. `what` is written here and never quotes the upstream. */
export const malformed = (what: string, facts: Omit<UpstreamFacts, 'message'> = {}): UpstreamError =>
  new UpstreamError('malformed', { ...facts, message: `Waldur sent an invalid response: ${what}.` });

export const isUpstreamError = (error: unknown): error is UpstreamError => error instanceof UpstreamError;
