/** A client without dependencies: queries, mutations, and a stream of changes that resumes. For browsers, Node, Deno and Bun. */

export interface Gateway {
  /** `https://HOST/graphql`. */
  readonly url: string;
  /** Called for each request, so that a new token is used. */
  readonly token: () => string;
  /** Called after UNAUTHENTICATED: signs in again. Afterwards the request is sent once more. */
  readonly renew?: () => Promise<void>;
}

/** An error that the gateway reports. The codes are listed in docs/errors.md. */
export class GatewayError extends Error {
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor({ message, extensions }: ReportedError) {
    super(message);
    this.code = extensions?.code ?? 'INTERNAL_SERVER_ERROR';
    this.retryAfterSeconds = extensions?.retryAfterSeconds;
  }
}

interface ReportedError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly retryAfterSeconds?: number };
}

export interface Result<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly ReportedError[];
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * Codes after which the same request can succeed a little later.
 * Only after UPSTREAM_UNAVAILABLE a mutation may have been done: a proxy in front of Waldur answers 502 or 504 then, too.
 */
const PASSING = new Set(['RATE_LIMITED', 'UPSTREAM_UNAVAILABLE', 'UPSTREAM_BUSY', 'UPSTREAM_TIMEOUT']);
const MOST_ATTEMPTS = 5;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** A random part keeps the clients from returning all at once. */
const backoff = (attempt: number): number => (0.5 + Math.random() / 2) * Math.min(30_000, 250 * 2 ** attempt);

const send = ({ url, token }: Gateway, accept: string, body: object, signal?: AbortSignal): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, authorization: `Token ${token()}` },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });

/**
 * Sends a query or a mutation. It waits and repeats after RATE_LIMITED and the like, and signs in again after UNAUTHENTICATED.
 * A mutation that may have been done is repeated only with an `idempotencyKey`.
 * @throws GatewayError for the first error of the result.
 */
export async function request<Data>(gateway: Gateway, query: string, variables: Variables = {}): Promise<Data> {
  let mayRenew = gateway.renew !== undefined;
  const mayRepeat = !/^\s*mutation\b/.test(query) || typeof Object(variables.input).idempotencyKey === 'string';
  for (let attempt = 0; ; attempt++) {
    const response = await send(gateway, 'application/graphql-response+json', { query, variables });
    const { data, errors } = (await response.json()) as Result<Data>;
    const [first] = errors ?? [];
    if (first === undefined && data != null) return data;
    const error = new GatewayError(first ?? { message: `status ${response.status} without data` });
    if (error.code === 'UNAUTHENTICATED' && mayRenew) {
      mayRenew = false;
      await gateway.renew?.();
    } else if (
      PASSING.has(error.code) &&
      (mayRepeat || error.code !== 'UPSTREAM_UNAVAILABLE') &&
      attempt < MOST_ATTEMPTS
    ) {
      await pause(error.retryAfterSeconds === undefined ? backoff(attempt) : error.retryAfterSeconds * 1_000);
    } else {
      throw error;
    }
  }
}

/** The results of one subscription, as server-sent events. It returns at `complete`. @throws when the connection is lost. */
export async function* results<Data>(
  gateway: Gateway,
  query: string,
  variables: Variables,
  signal: AbortSignal,
): AsyncGenerator<Result<Data>, void, undefined> {
  const response = await send(gateway, 'text/event-stream', { query, variables }, signal);
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true || response.body === null) {
    yield (await response.json()) as Result<Data>;
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error('the connection was lost');
      const blocks = (unread + value).split('\n\n');
      unread = blocks.pop() ?? '';
      for (const block of blocks) {
        // A line with a colon in front is a comment; it keeps the connection open.
        const field = (name: string): string => block.match(new RegExp(`^${name}: ?(.*)$`, 'm'))?.[1] ?? '';
        if (field('event') === 'next') yield JSON.parse(field('data')) as Result<Data>;
        if (field('event') === 'complete') return;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

export interface Snapshot {
  readonly uuid: string;
  readonly name: string;
  readonly state: string;
}

export interface Change {
  readonly kind: string;
  readonly cursor: string | null;
  readonly uuid: string | null;
  readonly totalCount: number | null;
  readonly snapshot: Snapshot | null;
}

/** Snapshots by uuid: what a page shows. */
export class Table {
  readonly rows = new Map<string, Snapshot>();
  /** The rows may be out of date. */
  isStale = true;
  total: number | null = null;

  apply({ kind, uuid, snapshot, totalCount }: Change): void {
    if (kind === 'RESET') this.rows.clear();
    this.isStale = kind === 'STALE' || kind === 'RESET' || kind === 'INITIAL';
    this.total = totalCount ?? this.total;
    if (snapshot !== null) this.rows.set(snapshot.uuid, snapshot);
    else if (uuid !== null) this.rows.delete(uuid);
  }
}

const CHANGES = `subscription ($filter: SnapshotFilter, $after: String) {
  snapshotChanges(filter: $filter, after: $after) { kind cursor uuid totalCount snapshot { uuid name state } }
}`;

/** Follows snapshots until `signal` aborts: it reconnects after a lost connection and resumes after the last cursor. */
export async function follow(
  gateway: Gateway,
  filter: object,
  onChange: (change: Change) => void,
  signal: AbortSignal,
): Promise<void> {
  let after: string | null = null;
  for (let attempt = 0; !signal.aborted; attempt++) {
    let retryAfterMs: number | undefined;
    try {
      const stream: AsyncGenerator<Result<{ snapshotChanges: Change }>> = results(
        gateway,
        CHANGES,
        { filter, after },
        signal,
      );
      for await (const { data, errors } of stream) {
        const [first] = errors ?? [];
        if (first !== undefined) throw new GatewayError(first);
        if (data == null) continue;
        const change: Change = data.snapshotChanges;
        after = change.kind === 'RESET' ? null : (change.cursor ?? after);
        attempt = 0;
        onChange(change);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof GatewayError) {
        if (error.code === 'UNAUTHENTICATED' && gateway.renew !== undefined && attempt < MOST_ATTEMPTS)
          await gateway.renew();
        else if (!PASSING.has(error.code)) throw error;
        retryAfterMs = error.retryAfterSeconds && error.retryAfterSeconds * 1_000;
      }
    }
    await pause(retryAfterMs ?? backoff(attempt));
  }
}
