import type { IncomingHttpHeaders } from 'node:http';
import { readErrorBody, textOf } from './error-bodies.ts';
import { BUSY_RETRY_SECONDS, malformed, UpstreamError } from './errors.ts';
import type { Outcome } from './exchange.ts';
import { isOutageStatus } from './retry.ts';

export type Answer = Extract<Outcome, { kind: 'answer' }>;

export interface CallFacts {
  /** Whether it is a write, which may have been executed when its response is lost. */
  readonly write: boolean;
  readonly requestId: string | undefined;
  /** The system's time in ms since the epoch, for a Retry-After that is a date and comes without the upstream's own. */
  readonly wallNow: number;
}

/** The response of a successful exchange (2xx), else its error. */
export function classify(outcome: Outcome, facts: CallFacts): Answer | UpstreamError {
  const { write, requestId } = facts;
  switch (outcome.kind) {
    case 'answer':
      return outcome.status >= 200 && outcome.status < 300 ? outcome : refusalOf(outcome, facts);
    case 'unreachable':
      return new UpstreamError('unavailable', { requestId });
    case 'reset':
      return new UpstreamError(write ? 'outcome-unknown' : 'unavailable', { requestId });
    case 'truncated': {
      const known = { status: outcome.status, requestId };
      return write ? new UpstreamError('outcome-unknown', known) : malformed('it was broken off', known);
    }
    case 'timeout':
    case 'aborted':
      return write && outcome.sent
        ? new UpstreamError('outcome-unknown', { requestId, mayStillRun: true })
        : new UpstreamError(outcome.kind, { requestId });
    case 'overloaded': {
      const known = { status: outcome.status, requestId };
      if (write) return new UpstreamError('outcome-unknown', known);
      const message = 'Too many large answers of Waldur are being read. Try again soon.';
      return new UpstreamError('busy', { ...known, message, retryAfterSeconds: BUSY_RETRY_SECONDS });
    }
    case 'unusable':
      return malformed(outcome.what, { status: outcome.status, requestId });
  }
}

function refusalOf({ status, headers, body }: Answer, { requestId: ours, wallNow }: CallFacts): UpstreamError {
  const known = { status, requestId: requestIdOf(headers) ?? ours };
  if (isOutageStatus(status)) return new UpstreamError('unavailable', known);
  if (status === 429) {
    const retryAfterSeconds = readRetryAfter(headers['retry-after'], headers.date, wallNow);
    return new UpstreamError('rate-limited', { ...known, retryAfterSeconds });
  }
  if (status === 401) return new UpstreamError('unauthenticated', known);
  if (status === 403) return new UpstreamError('forbidden', { ...known, body: readErrorBody(body) });
  if (status >= 300 && status < 400) return malformed('it is a redirect, and those are not followed', known);
  if (status !== 400 && status !== 404 && status !== 409) return malformed(`its status is ${status}`, known);
  const refusal = readErrorBody(body);
  switch (refusal.shape) {
    case 'empty':
    case 'unreadable':
      // A 404 in HTML has no route: the URL is wrong or the version too old. It does not mean a missing object.
      return malformed(`its status is ${status} without a reason in JSON`, known);
    case 'unroutable':
      return malformed('an address in the query has no route', known);
    case 'detail':
    case 'fields':
    case 'messages': {
      if (status === 404) return new UpstreamError('not-found', { ...known, body: refusal });
      const said = textOf(refusal);
      const message = said === undefined ? 'Waldur refused the request.' : `Waldur refused the request: ${said}`;
      return new UpstreamError('rejected', { ...known, body: refusal, message });
    }
  }
}

/** What an error may contain of this response. */
export const factsOf = ({ status, headers }: Answer): { status: number; requestId: string | undefined } => ({
  status,
  requestId: requestIdOf(headers),
});

const requestIdOf = (headers: IncomingHttpHeaders): string | undefined => {
  const id = headers['x-request-id'];
  return typeof id === 'string' && /^[\w.-]{1,128}$/.test(id) ? id : undefined;
};

/** Longest Retry-After that is passed on, whatever the upstream says. */
const LONGEST_WAIT_SECONDS = 60;
const SHORTEST_WAIT_SECONDS = 1;

/**
 * Seconds of a Retry-After, which is a number of seconds or a date; from 1 to 60, and 1 when it is invalid.
 * @param date the `Date` of the response: a date in Retry-After refers to the clock of its sender.
 * @param wallNow is used when `Date` is missing or invalid.
 */
export function readRetryAfter(header: string | undefined, date: string | undefined, wallNow: number): number {
  const text = header?.trim() ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - timeOf(date, wallNow)) / 1000);
  if (Number.isNaN(seconds)) return SHORTEST_WAIT_SECONDS;
  return Math.min(Math.max(seconds, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS);
}

function timeOf(date: string | undefined, otherwise: number): number {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? otherwise : time;
}
