import { useEffect, useMemo, useState } from 'react';
import { type Client, type CombinedError, gql, type TypedDocumentNode, useClient, useMutation, useQuery } from 'urql';
import { codeOf } from './client.ts';

interface Snapshot {
  readonly id: string;
  readonly uuid: string;
  readonly name: string;
  readonly state: string;
  readonly project: { readonly id: string; readonly name: string };
}

interface Page {
  readonly snapshots: {
    readonly edges: readonly { readonly cursor: string; readonly node: Snapshot | null }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  } | null;
}

interface Change {
  readonly kind: string;
  readonly id: string | null;
  readonly totalCount: number | null;
  readonly snapshot: Snapshot | null;
}

const ROW = gql`
  fragment Row on Snapshot {
    id
    uuid
    name
    state
    project {
      id
      name
    }
  }
`;

const LIST: TypedDocumentNode<Page, { filter: object; first: number; after?: string | null }> = gql`
  query Snapshots($filter: SnapshotFilter, $first: Int!, $after: String) {
    snapshots(filter: $filter, first: $first, after: $after) {
      edges {
        cursor
        node {
          ...Row
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
  ${ROW}
`;

const CHANGES: TypedDocumentNode<{ snapshotChanges: Change }, { filter: object }> = gql`
  subscription Changes($filter: SnapshotFilter) {
    snapshotChanges(filter: $filter, initial: false) {
      kind
      id
      totalCount
      snapshot {
        ...Row
      }
    }
  }
  ${ROW}
`;

interface Renamed {
  readonly updateSnapshot: {
    readonly snapshot: Snapshot | null;
    readonly userErrors: readonly { readonly code: string; readonly message: string }[];
  } | null;
}

const RENAME: TypedDocumentNode<Renamed, { input: { id: string; name: string } }> = gql`
  mutation Rename($input: UpdateSnapshotInput!) {
    updateSnapshot(input: $input) {
      snapshot {
        ...Row
      }
      userErrors {
        code
        message
      }
    }
  }
  ${ROW}
`;

const PAGE = 10;

/**
 * Reads a list into the cache, one read after the other: a page that is appended to a list which another read replaces would leave
 * gaps. Events that come during a read may be newer than its answer; then the list is read once more.
 */
function makeReader(client: Client, filter: object) {
  const shown = () => client.readQuery(LIST, { filter, first: PAGE })?.data?.snapshots;
  const read = async (first: number, after?: string | null): Promise<void> => {
    const variables = { filter, first, ...(after != null && { after }) };
    const { error } = await client.query(LIST, variables, { requestPolicy: 'network-only' }).toPromise();
    if (error) throw error;
  };
  const readAll = () => read(Math.max(PAGE, shown()?.edges.length ?? 0));
  const readMore = () => read(PAGE, shown()?.pageInfo.endCursor);
  let running: Promise<void> | undefined;
  let again = false;
  const run = async (first: () => Promise<void>): Promise<void> => {
    while (running !== undefined) await running.catch(() => {});
    running = (async () => {
      try {
        await first();
        while (again) {
          again = false;
          await readAll();
        }
      } finally {
        running = undefined;
      }
    })();
    return running;
  };
  return {
    start: () => run(readAll),
    more: () => run(readMore),
    /** An event has come. `moves`: other rows are in the list. */
    async event(moves: boolean): Promise<void> {
      if (running !== undefined) again = true;
      else if (moves) await run(readAll);
    },
  };
}

/** Reads a list into the cache and follows its changes. */
function useList(filter: object, onKind?: (kind: string) => void) {
  const client = useClient();
  const reader = useMemo(() => makeReader(client, filter), [client, filter]);
  const [isStale, setStale] = useState(true);
  const [total, setTotal] = useState<number | null>(null);
  const [error, setError] = useState<CombinedError>();
  useEffect(() => {
    let wasReset = false;
    // Not `useSubscription`: it hands over the last of several events that come at once.
    const subscription = client.subscription(CHANGES, { filter }).subscribe(({ data, error }) => {
      if (error) setError(error);
      if (!data) return;
      const { kind, totalCount } = data.snapshotChanges;
      if (kind === 'RESET') wasReset = true;
      // The cache has the fields of a changed row. There are no INITIAL events, so the list is read at the BOOKMARK.
      reader.event(kind === 'ADDED' || (kind === 'BOOKMARK' && wasReset)).catch(setError);
      if (kind === 'BOOKMARK') wasReset = false;
      setStale(kind === 'STALE' || wasReset);
      if (totalCount !== null) setTotal(totalCount);
      onKind?.(kind);
    });
    reader.start().catch(setError);
    return () => subscription.unsubscribe();
  }, [client, filter, reader, onKind]);
  const more = (): void => void reader.more().catch(setError);
  return { isStale, total, error, more };
}

interface Props {
  /** Keep it the same object between renderings. */
  readonly filter: object;
  readonly onKind?: (kind: string) => void;
}

/** A list of snapshots that loads more, renames, and stays up to date. */
export function Snapshots({ filter, onKind }: Props) {
  const { isStale, total, error, more } = useList(filter, onKind);
  const [{ data }] = useQuery({ query: LIST, variables: { filter, first: PAGE }, requestPolicy: 'cache-only' });
  const [renaming, rename] = useMutation(RENAME);
  if (error) return <p role="alert">{codeOf(error) ?? error.message}</p>;
  if (!data?.snapshots) return <p>Loading</p>;
  const { edges, pageInfo } = data.snapshots;
  return (
    <section aria-busy={isStale}>
      <output>{total}</output>
      {renaming.fetching && <progress />}
      {renaming.data?.updateSnapshot?.userErrors.map(({ code, message }) => (
        <p key={message} role="alert">{`${code}: ${message}`}</p>
      ))}
      <ul>
        {edges.map(({ node }) =>
          node ? (
            <li key={node.id}>
              <Name snapshot={node} save={(name) => void rename({ input: { id: node.id, name } })} />
              <span>{`${node.project.name}: ${node.state}`}</span>
            </li>
          ) : null,
        )}
      </ul>
      {pageInfo.hasNextPage && (
        <button type="button" onClick={more}>
          More
        </button>
      )}
    </section>
  );
}

function Name({ snapshot, save }: { snapshot: Snapshot; save: (name: string) => void }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save(String(new FormData(event.currentTarget).get('name')));
      }}
    >
      <b>{snapshot.name}</b>
      <input name="name" aria-label={`New name of ${snapshot.name}`} />
    </form>
  );
}
