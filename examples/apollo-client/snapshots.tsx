import { type ApolloClient, gql, type TypedDocumentNode } from '@apollo/client';
import { useApolloClient, useMutation, useQuery } from '@apollo/client/react';
import { useEffect, useMemo, useState } from 'react';
import { codeOf, type Session } from './client.ts';

export interface Snapshot {
  readonly __typename: 'Snapshot';
  readonly id: string;
  readonly uuid: string;
  readonly name: string;
  readonly state: string;
  readonly project: { readonly id: string; readonly name: string };
}

interface Page {
  readonly snapshots: {
    readonly totalCount: number;
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
      totalCount
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
    readonly __typename: 'UpdateSnapshotPayload';
    readonly snapshot: Snapshot | null;
    readonly userErrors: readonly { readonly code: string; readonly message: string }[];
  } | null;
}

const RENAME: TypedDocumentNode<Renamed, { input: { uuid: string; name: string } }> = gql`
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
function makeReader(client: ApolloClient, filter: object) {
  const network = { fetchPolicy: 'network-only', context: { queryDeduplication: false } } as const;
  const shown = () => client.readQuery({ query: LIST, variables: { filter, first: PAGE } })?.snapshots;
  const readAll = async (): Promise<void> => {
    const first = Math.max(PAGE, shown()?.edges.length ?? 0);
    await client.query({ query: LIST, variables: { filter, first }, ...network });
  };
  const readMore = async (): Promise<void> => {
    const after = shown()?.pageInfo.endCursor ?? null;
    await client.query({ query: LIST, variables: { filter, first: PAGE, after }, ...network });
  };
  let running: Promise<void> | undefined;
  let again = false;
  const run = async (read: () => Promise<void>): Promise<void> => {
    while (running !== undefined) await running.catch(() => {});
    running = (async () => {
      try {
        await read();
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

/** Reads a list into the cache and applies its changes. */
function useList(filter: object, { renew }: Session, onKind?: (kind: string) => void) {
  const client = useApolloClient();
  const reader = useMemo(() => makeReader(client, filter), [client, filter]);
  const [isStale, setStale] = useState(true);
  const [total, setTotal] = useState<number | null>(null);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    let wasReset = false;
    const apply = ({ kind, id, totalCount }: Change): void => {
      if (kind === 'RESET') wasReset = true;
      if (kind === 'REMOVED' && id !== null) {
        client.cache.evict({ id: client.cache.identify({ __typename: 'Snapshot', id }) ?? '' });
        client.cache.gc();
      }
      // The fields of a changed row are in the cache already. There are no INITIAL events, so the list is read at the BOOKMARK.
      reader.event(kind === 'ADDED' || (kind === 'BOOKMARK' && wasReset)).catch(setError);
      if (kind === 'BOOKMARK') wasReset = false;
      setStale(kind === 'STALE' || wasReset);
      if (totalCount !== null) setTotal(totalCount);
      onKind?.(kind);
    };
    let subscription: { unsubscribe(): void } | undefined;
    let isMounted = true;
    const start = (): void => {
      if (!isMounted) return;
      subscription = client.subscribe({ query: CHANGES, variables: { filter } }).subscribe(({ data, error }) => {
        if (data) apply(data.snapshotChanges);
        if (error === undefined) return;
        setStale(true);
        if (codeOf(error) === 'UNAUTHENTICATED') renew().then(start, setError);
        else setError(error);
      });
    };
    start();
    reader.start().catch(setError);
    return () => {
      isMounted = false;
      subscription?.unsubscribe();
    };
  }, [client, filter, reader, renew, onKind]);
  const more = (): void => void reader.more().catch(setError);
  return { isStale, total, error, more };
}

interface Props {
  /** Keep it the same object between renderings. */
  readonly filter: object;
  readonly session: Session;
  readonly onKind?: (kind: string) => void;
}

/** A list of snapshots that loads more, renames, and stays up to date. */
export function Snapshots({ filter, session, onKind }: Props) {
  const { isStale, total, error, more } = useList(filter, session, onKind);
  const { data } = useQuery(LIST, { variables: { filter, first: PAGE }, fetchPolicy: 'cache-only' });
  const [rename, renaming] = useMutation(RENAME);
  if (error) return <p role="alert">{codeOf(error) ?? String(error)}</p>;
  if (!data?.snapshots) return <p>Loading</p>;
  const { totalCount, edges, pageInfo } = data.snapshots;
  const save = (snapshot: Snapshot, name: string): void => {
    void rename({
      variables: { input: { uuid: snapshot.uuid, name } },
      // Shown at once, and taken back when the payload has no snapshot.
      optimisticResponse: {
        updateSnapshot: { __typename: 'UpdateSnapshotPayload', snapshot: { ...snapshot, name }, userErrors: [] },
      },
    });
  };
  return (
    <section aria-busy={isStale}>
      <output>{total ?? totalCount}</output>
      {renaming.loading && <progress />}
      {renaming.data?.updateSnapshot?.userErrors.map(({ code, message }) => (
        <p key={message} role="alert">{`${code}: ${message}`}</p>
      ))}
      <ul>
        {edges.map(({ node }) =>
          node ? (
            <li key={node.id}>
              <Name snapshot={node} save={save} />
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

function Name({ snapshot, save }: { snapshot: Snapshot; save: (snapshot: Snapshot, name: string) => void }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save(snapshot, String(new FormData(event.currentTarget).get('name')));
      }}
    >
      <b>{snapshot.name}</b>
      <input name="name" aria-label={`New name of ${snapshot.name}`} />
    </form>
  );
}
