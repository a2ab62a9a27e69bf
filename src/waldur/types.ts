import type { AbortToken } from '../runtime/abort-token.ts';

/**
 * On whose behalf a call is made. Only these four headers of a client ever go upstream; whatever else an object of this shape
 * carries is not read.
 */
export interface UpstreamCaller {
  /** Tells callers apart; safe for maps and logs. */
  readonly key: string;
  readonly headers: {
    readonly authorization?: string;
    readonly 'x-impersonated-user-uuid'?: string;
    readonly 'x-forwarded-for'?: string;
    readonly 'accept-language'?: string;
  };
}

/** What the calls of one operation share. */
export interface CallContext {
  /** Aborts the call upstream too: the client went away. */
  readonly signal?: AbortToken | undefined;
  /** When all calls of the operation must be done, by the clock that measures durations; without it each call has the overall timeout. */
  readonly deadline?: number | undefined;
  /** Sent as X-Request-Id. */
  readonly requestId?: string | undefined;
}
