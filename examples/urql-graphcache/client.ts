import { authExchange } from '@urql/exchange-auth';
import { type Cache, cacheExchange, type Variables } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { retryExchange } from '@urql/exchange-retry';
import { createClient, type Sink } from 'graphql-ws';
import { Client, type CombinedError, fetchExchange, subscriptionExchange } from 'urql';
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
export const codeOf = (error: CombinedError): string | undefined => {
  const code = error.graphQLErrors[0]?.extensions.code;
  return typeof code === 'string' ? code : undefined;
};

/** A list that is read from its start replaces what is kept of it, for queries with any `first`. */
function replacePages(cache: Cache, { filter }: Variables, read: string): void {
  const list = cache.resolve('Query', read);
  for (const { fieldName, fieldKey, arguments: args } of cache.inspectFields('Query')) {
    const isSameList = JSON.stringify(args?.filter) === JSON.stringify(filter);
    if (fieldName !== 'snapshots' || fieldKey === read || !isSameList) continue;
    if (args?.after == null && typeof list === 'string') cache.link('Query', fieldKey, list);
    else cache.invalidate('Query', fieldKey);
  }
}

/** Takes a removed snapshot out of all lists. */
function removeRow(cache: Cache, id: string): void {
  const row = cache.keyOfEntity({ __typename: 'Snapshot', id });
  for (const { fieldName, fieldKey } of cache.inspectFields('Query')) {
    const page = fieldName === 'snapshots' ? cache.resolve('Query', fieldKey) : null;
    const edges = typeof page === 'string' ? cache.resolve(page, 'edges') : null;
    if (typeof page !== 'string' || !Array.isArray(edges)) continue;
    const others = edges.filter((edge) => typeof edge === 'string' && cache.resolve(edge, 'node') !== row);
    cache.link(page, 'edges', others as string[]);
  }
  if (row !== null) cache.invalidate(row);
}

const cached = () =>
  cacheExchange({
    // These have no identity of their own.
    keys: {
      SnapshotChange: () => null,
      UpdateSnapshotPayload: () => null,
      UserError: () => null,
    },
    resolvers: { Query: { snapshots: relayPagination() } },
    updates: {
      Query: {
        snapshots(_result, args, cache) {
          const read = cache.keyOfField('snapshots', args);
          if (args.after == null && read !== null) replacePages(cache, args, read);
        },
      },
      Subscription: {
        snapshotChanges({ snapshotChanges: change }, _args, cache) {
          const { kind, id } = Object(change);
          if (kind === 'REMOVED' && typeof id === 'string') removeRow(cache, id);
        },
      },
    },
    optimistic: {
      updateSnapshot({ input }) {
        const { id, name } = Object(input);
        return { __typename: 'UpdateSnapshotPayload', snapshot: { __typename: 'Snapshot', id, name }, userErrors: [] };
      },
    },
  });

/**
 * @param url `https://HOST/graphql`.
 * @param over Subscriptions over WebSocket resume after their last event. Server-sent events need no library and start anew.
 */
export function makeClient(url: string, { token, renew }: Session, over: 'websocket' | 'events' = 'websocket') {
  const socket = resumable(
    createClient({
      url: url.replace(/^http/, 'ws'),
      connectionParams: () => ({ Authorization: `Token ${token()}` }),
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      // A random part keeps the clients from returning all at once after a restart of the gateway.
      retryWait: (count) =>
        new Promise((resolve) => {
          setTimeout(resolve, (0.5 + Math.random() / 2) * Math.min(30_000, 250 * 2 ** count));
        }),
    }),
  );
  const client = new Client({
    url,
    preferGetMethod: false,
    fetchSubscriptions: over === 'events',
    exchanges: [
      cached(),
      authExchange(async ({ appendHeaders }) => ({
        addAuthToOperation: (operation) => appendHeaders(operation, { Authorization: `Token ${token()}` }),
        didAuthError: (error) => codeOf(error) === 'UNAUTHENTICATED',
        refreshAuth: renew,
      })),
      retryExchange({
        initialDelayMs: 500,
        maxNumberAttempts: 6,
        retryIf: (error, { kind }) =>
          kind === 'mutation'
            ? PASSING.has(codeOf(error) ?? '') && codeOf(error) !== 'UPSTREAM_UNAVAILABLE'
            : PASSING.has(codeOf(error) ?? '') || error.networkError !== undefined,
      }),
      ...(over === 'websocket'
        ? [
            subscriptionExchange({
              forwardSubscription: ({ query = '', variables }) => ({
                subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink as Sink) }),
              }),
            }),
          ]
        : []),
      fetchExchange,
    ],
  });
  return { client, socket };
}
