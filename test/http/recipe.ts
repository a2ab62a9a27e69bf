import { createClient } from 'graphql-sse';

interface Change {
  readonly kind: string;
  readonly cursor: string | null;
  readonly uuid: string | null;
  readonly state: string | null;
}

/** @param url `http://HOST:PORT/graphql/stream` */
export function followStates(
  url: string,
  token: () => string,
  filter: object,
  on: { change(change: Change): void; end(problem?: unknown): void },
): () => void {
  const client = createClient({
    url,
    headers: () => ({ Authorization: `Token ${token()}` }),
    retryAttempts: Number.POSITIVE_INFINITY,
  });
  let after: string | null = null;
  let problem: unknown;
  client.subscribe<{ snapshotChanges: Change }>(
    {
      query: `subscription ($filter: SnapshotFilter, $after: String) {
        snapshotChanges(filter: $filter, after: $after) { kind cursor uuid state }
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
      next({ data, errors }) {
        problem = errors;
        if (!data) return;
        const change = data.snapshotChanges;
        after = change.kind === 'RESET' ? null : (change.cursor ?? after);
        on.change(change);
      },
      error: (failure) => on.end(failure),
      complete: () => on.end(problem),
    },
  );
  return () => client.dispose();
}
