import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { from, map, mergeMap } from 'rxjs';
import { resumable } from 'waldur-snapshots-live';

export interface Session {
  /** Called for each request and for each connection, so that a new token is used. */
  readonly token: () => string;
  /** Signs in again. */
  readonly renew: () => Promise<void>;
}

/**
 * Codes after which the same operation can succeed a little later.
 * Only after UPSTREAM_UNAVAILABLE a mutation may have been done: a proxy in front of Waldur answers 502 or 504 then, too.
 */
const PASSING = new Set(['RATE_LIMITED', 'UPSTREAM_UNAVAILABLE', 'UPSTREAM_BUSY', 'UPSTREAM_TIMEOUT']);

/** The code of an error that the gateway reported; undefined for any other error. */
export const codeOf = (error: unknown): string | undefined => {
  const code = CombinedGraphQLErrors.is(error) ? error.errors[0]?.extensions?.code : undefined;
  return typeof code === 'string' ? code : undefined;
};

/** RetryLink retries network errors only. This makes errors of the gateway that pass into such errors. */
const passingErrors = new ApolloLink((operation, forward) =>
  forward(operation).pipe(
    map((result) => {
      const error = result.errors && new CombinedGraphQLErrors(result);
      if (error && PASSING.has(codeOf(error) ?? '')) throw error;
      return result;
    }),
  ),
);

const mayRepeat = (variables: Record<string, unknown>): boolean =>
  typeof Object(variables.input).idempotencyKey === 'string';

const retry = new RetryLink({
  attempts: (count, { operationType, variables }, error) =>
    count <= 5 &&
    // Without a code the answer was lost. A mutation that may have been done is repeated only with a key.
    (operationType === OperationTypeNode.QUERY || mayRepeat(variables)
      ? PASSING.has(codeOf(error) ?? '') || !CombinedGraphQLErrors.is(error)
      : PASSING.has(codeOf(error) ?? '') && codeOf(error) !== 'UPSTREAM_UNAVAILABLE'),
  delay: (count, _operation, error) => {
    const seconds = CombinedGraphQLErrors.is(error) ? error.errors[0]?.extensions?.retryAfterSeconds : undefined;
    return typeof seconds === 'number' ? seconds * 1_000 : (0.5 + Math.random() / 2) * 250 * 2 ** count;
  },
});

/** @param url `https://HOST/graphql`. */
export function makeClient(url: string, { token, renew }: Session) {
  const credentials = (): { Authorization: string } => ({ Authorization: `Token ${token()}` });
  // A stream that connects again goes on after its last event.
  const socket = resumable(
    createClient({
      url: url.replace(/^http/, 'ws'),
      connectionParams: credentials,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      // A random part keeps the clients from returning all at once after a restart of the gateway.
      retryWait: (count) =>
        new Promise((resolve) => {
          setTimeout(resolve, (0.5 + Math.random() / 2) * Math.min(30_000, 250 * 2 ** count));
        }),
    }),
  );
  const renewed = new ErrorLink(({ error, operation, forward }) => {
    return codeOf(error) === 'UNAUTHENTICATED' ? from(renew()).pipe(mergeMap(() => forward(operation))) : undefined;
  });
  const authorized = new SetContextLink(({ headers }) => ({ headers: { ...headers, ...credentials() } }));
  const overHttp = ApolloLink.from([renewed, retry, passingErrors, authorized, new HttpLink({ uri: url })]);
  const client = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      overHttp,
    ),
    cache: new InMemoryCache({
      possibleTypes: { Node: ['Snapshot', 'Volume', 'Restoration'] },
      typePolicies: { Query: { fields: { snapshots: relayStylePagination(['filter', 'orderBy']) } } },
    }),
  });
  return { client, socket };
}
