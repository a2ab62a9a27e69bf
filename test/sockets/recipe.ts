import { type Client, createClient } from 'graphql-ws';

interface Row {
  readonly uuid: string;
  readonly name: string;
  readonly state: string;
}

interface Change {
  readonly kind: string;
  readonly cursor: string | null;
  readonly uuid: string | null;
  readonly snapshot: Row | null;
}

export interface View {
  readonly rows: ReadonlyMap<string, Row>;
  /** The rows may be out of date. */
  readonly isStale: boolean;
}

/** @param url `ws://HOST:PORT/graphql` */
export const connect = (url: string, token: () => string): Client =>
  createClient({
    url,
    // Called at each connection, so that a new token is used.
    connectionParams: () => ({ Authorization: `Token ${token()}` }),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    // A random part keeps the clients from reconnecting all at once after a restart of the gateway.
    retryWait: (retries) =>
      new Promise((resolve) => {
        setTimeout(resolve, (0.5 + Math.random() / 2) * Math.min(30_000, 500 * 2 ** retries));
      }),
  });

/** Keeps a table of snapshots up to date across lost connections. */
export function watchSnapshots(
  client: Client,
  filter: object,
  on: { change(view: View, kind: string): void; end(problem?: unknown): void },
): () => void {
  const rows = new Map<string, Row>();
  let after: string | null = null;
  let isStale = false;
  return client.subscribe<{ snapshotChanges: Change }>(
    {
      query: `subscription ($filter: SnapshotFilter, $after: String) {
        snapshotChanges(filter: $filter, after: $after) { kind cursor uuid snapshot { uuid name state } }
      }`,
      // The client sends the variables again at each reconnection. The getter returns the latest cursor.
      variables: {
        filter,
        get after() {
          return after;
        },
      },
    },
    {
      next({ data }) {
        const change = data?.snapshotChanges;
        if (!change) return;
        const { kind, cursor, uuid, snapshot } = change;
        if (kind === 'RESET') rows.clear();
        after = kind === 'RESET' ? null : (cursor ?? after);
        isStale = kind === 'STALE';
        if (snapshot !== null) rows.set(snapshot.uuid, snapshot);
        else if (uuid !== null) rows.delete(uuid);
        on.change({ rows, isStale }, kind);
      },
      error: (problem) => on.end(problem),
      complete: () => on.end(),
    },
  );
}
