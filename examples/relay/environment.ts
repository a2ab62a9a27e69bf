import { createClient } from 'graphql-ws';
import {
  Environment,
  Network,
  Observable,
  RecordSource,
  type RequestParameters,
  Store,
  type Variables,
} from 'relay-runtime';
import { resumable } from 'waldur-snapshots-live';

export interface Session {
  /** Called for each request and for each connection, so that a new token is used. */
  readonly token: () => string;
  /** Signs in again. */
  readonly renew: () => Promise<void>;
}

interface ReportedError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly retryAfterSeconds?: number };
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

/**
 * Codes after which the same operation can succeed a little later.
 * Only after UPSTREAM_UNAVAILABLE a mutation may have been done: a proxy in front of Waldur answers 502 or 504 then, too.
 */
const PASSING = new Set(['RATE_LIMITED', 'UPSTREAM_UNAVAILABLE', 'UPSTREAM_BUSY', 'UPSTREAM_TIMEOUT']);
const MOST_ATTEMPTS = 5;
const EVENTS = new Set(['SnapshotChange', 'VolumeChange']);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** A random part keeps the clients from returning all at once after a restart of the gateway. */
const backoff = (count: number): number => (0.5 + Math.random() / 2) * Math.min(30_000, 250 * 2 ** count);

/** The payload of a subscription's error: what the gateway reports, or the event of a closed socket. */
const failure = (problem: unknown): Error => {
  if (problem instanceof Error) return problem;
  const first = Array.isArray(problem) ? (problem[0] as ReportedError | undefined) : undefined;
  return first === undefined ? new Error('the connection was lost') : new GatewayError(first);
};

/** @param url `https://HOST/graphql`. */
export function makeEnvironment(url: string, { token, renew }: Session) {
  const send = async ({ text, name }: RequestParameters, variables: Variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Token ${token()}` },
      body: JSON.stringify({ query: text, operationName: name, variables }),
    });
    return response.json();
  };
  const request = async (parameters: RequestParameters, variables: Variables) => {
    let mayRenew = true;
    for (let attempt = 0; ; attempt++) {
      const result = await send(parameters, variables).catch((error: unknown) => {
        // The answer was lost. A mutation may have been done, so only queries are repeated.
        if (parameters.operationKind !== 'query' || attempt >= MOST_ATTEMPTS) throw error;
      });
      if (result === undefined) {
        await pause(backoff(attempt));
        continue;
      }
      const first: ReportedError | undefined = result.errors?.[0];
      if (first === undefined) return result;
      const error = new GatewayError(first);
      if (error.code === 'UNAUTHENTICATED' && mayRenew) {
        mayRenew = false;
        await renew();
      } else if (
        PASSING.has(error.code) &&
        (parameters.operationKind === 'query' || error.code !== 'UPSTREAM_UNAVAILABLE') &&
        attempt < MOST_ATTEMPTS
      ) {
        await pause(error.retryAfterSeconds === undefined ? backoff(attempt) : error.retryAfterSeconds * 1_000);
      } else {
        throw error;
      }
    }
  };
  // A stream that connects again goes on after its last event.
  const socket = resumable(
    createClient({
      url: url.replace(/^http/, 'ws'),
      connectionParams: () => ({ Authorization: `Token ${token()}` }),
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      retryWait: (count) => pause(backoff(count)),
    }),
  );
  const subscribe = ({ text, name }: RequestParameters, variables: Variables) =>
    Observable.create((sink) =>
      socket.subscribe(
        { query: text ?? '', operationName: name, variables },
        {
          next: (result) => sink.next(result as never),
          error: (problem) => sink.error(failure(problem)),
          complete: () => sink.complete(),
        },
      ),
    );
  const environment = new Environment({
    network: Network.create(request, subscribe as never),
    store: new Store(new RecordSource()),
    // The `id` of an event is that of its snapshot, and Relay takes every `id` for that of the record which has it.
    getDataID: ({ id }, typeName) => (EVENTS.has(typeName) ? null : id),
  });
  return { environment, socket };
}
