import { useEffect, useMemo, useState } from 'react';
import { fetchQuery, graphql, useLazyLoadQuery, useMutation, useRelayEnvironment } from 'react-relay';
import {
  ConnectionHandler,
  createOperationDescriptor,
  getRequest,
  type IEnvironment,
  ROOT_ID,
  requestSubscription,
} from 'relay-runtime';
import type { snapshotsChangesSubscription } from './__generated__/snapshotsChangesSubscription.graphql.ts';
import type { snapshotsQuery } from './__generated__/snapshotsQuery.graphql.ts';
import type { snapshotsRenameMutation } from './__generated__/snapshotsRenameMutation.graphql.ts';
import type { snapshotsUnlinkMutation } from './__generated__/snapshotsUnlinkMutation.graphql.ts';
import { GatewayError, type Session } from './environment.ts';

const LIST = graphql`
  query snapshotsQuery($filter: SnapshotFilter, $first: Int!, $after: String) {
    snapshots(filter: $filter, first: $first, after: $after) @connection(key: "List_snapshots", filters: ["filter"]) {
      edges {
        node {
          id
          name
          state
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

const CHANGES = graphql`
  subscription snapshotsChangesSubscription($filter: SnapshotFilter) {
    snapshotChanges(filter: $filter, initial: false) {
      kind
      id
      totalCount
      snapshot {
        id
        name
        state
      }
    }
  }
`;

const RENAME = graphql`
  mutation snapshotsRenameMutation($input: UpdateSnapshotInput!) {
    updateSnapshot(input: $input) {
      snapshot {
        id
        name
      }
      userErrors {
        code
        message
      }
    }
  }
`;

const UNLINK = graphql`
  mutation snapshotsUnlinkMutation($input: UnlinkSnapshotInput!, $connections: [ID!]!) {
    unlinkSnapshot(input: $input) {
      deletedSnapshotId @deleteRecord @deleteEdge(connections: $connections)
      userErrors {
        code
        message
      }
    }
  }
`;

const PAGE = 10;

/**
 * Reads a list into the store, one read after the other: a page that is appended to a list which another read replaces would leave
 * gaps. Events that come during a read may be newer than its answer; then the list is read once more.
 */
function makeReader(environment: IEnvironment, filter: object) {
  const list = createOperationDescriptor(getRequest(LIST), { filter, first: PAGE, after: null });
  const shown = () => (environment.lookup(list.fragment).data as snapshotsQuery['response'] | undefined)?.snapshots;
  const read = async (first: number, after: string | null = null): Promise<void> => {
    const options = { fetchPolicy: 'network-only', networkCacheConfig: { force: true } } as const;
    await fetchQuery<snapshotsQuery>(environment, LIST, { filter, first, after }, options).toPromise();
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

/** Reads a list into the store and applies its changes. */
function useList(filter: object, { renew }: Session, onKind?: (kind: string) => void) {
  const environment = useRelayEnvironment();
  const reader = useMemo(() => makeReader(environment, filter), [environment, filter]);
  const [isStale, setStale] = useState(true);
  const [total, setTotal] = useState<number | null>(null);
  const [error, setError] = useState<Error>();
  useEffect(() => {
    let wasReset = false;
    let subscription: { dispose(): void } | undefined;
    let isMounted = true;
    const fail = (problem: Error): void => {
      setStale(true);
      if (problem instanceof GatewayError && problem.code === 'UNAUTHENTICATED') renew().then(start, setError);
      else setError(problem);
    };
    const start = (): void => {
      if (!isMounted) return;
      subscription = requestSubscription<snapshotsChangesSubscription>(environment, {
        subscription: CHANGES,
        variables: { filter },
        // `@deleteRecord` would delete the snapshot of every event.
        updater: (store, data) => {
          const change = data?.snapshotChanges;
          if (change?.kind === 'REMOVED' && change.id != null) store.delete(change.id);
        },
        onNext: (data) => {
          const change = data?.snapshotChanges;
          if (change == null) return;
          const { kind, totalCount } = change;
          if (kind === 'RESET') wasReset = true;
          // The store has the fields of a changed row. There are no INITIAL events, so the list is read at the BOOKMARK.
          reader.event(kind === 'ADDED' || (kind === 'BOOKMARK' && wasReset)).catch(setError);
          if (kind === 'BOOKMARK') wasReset = false;
          setStale(kind === 'STALE' || wasReset);
          if (totalCount != null) setTotal(totalCount);
          onKind?.(kind);
        },
        onError: fail,
      });
    };
    start();
    reader.start().catch(setError);
    return () => {
      isMounted = false;
      subscription?.dispose();
    };
  }, [environment, filter, reader, renew, onKind]);
  const more = (): void => void reader.more().catch(setError);
  return { isStale, total, error, more };
}

interface Props {
  /** Keep it the same object between renderings. */
  readonly filter: object;
  readonly session: Session;
  readonly onKind?: (kind: string) => void;
}

/** A list of snapshots that loads more, renames, removes, and stays up to date. */
export function Snapshots({ filter, session, onKind }: Props) {
  const { isStale, total, error, more } = useList(filter, session, onKind);
  const { snapshots } = useLazyLoadQuery<snapshotsQuery>(LIST, { filter, first: PAGE }, { fetchPolicy: 'store-only' });
  const [rename, isSaving] = useMutation<snapshotsRenameMutation>(RENAME);
  const [unlink] = useMutation<snapshotsUnlinkMutation>(UNLINK);
  const [problems, setProblems] = useState<readonly { readonly code: string; readonly message: string }[]>([]);
  if (error) return <p role="alert">{error instanceof GatewayError ? error.code : error.message}</p>;
  if (!snapshots) return <p>Loading</p>;
  const save = (id: string, name: string): void => {
    rename({
      variables: { input: { id, name } },
      // Shown at once, and taken back when the payload has no snapshot.
      optimisticResponse: { updateSnapshot: { snapshot: { id, name }, userErrors: [] } },
      onCompleted: ({ updateSnapshot }) => setProblems(updateSnapshot?.userErrors ?? []),
    });
  };
  const remove = (id: string): void => {
    const connections = [ConnectionHandler.getConnectionID(ROOT_ID, 'List_snapshots', { filter })];
    unlink({
      variables: { input: { id }, connections },
      onCompleted: ({ unlinkSnapshot }) => setProblems(unlinkSnapshot?.userErrors ?? []),
    });
  };
  return (
    <section aria-busy={isStale}>
      <output>{total}</output>
      {isSaving && <progress />}
      {problems.map(({ code, message }) => (
        <p key={message} role="alert">{`${code}: ${message}`}</p>
      ))}
      <ul>
        {snapshots.edges.map(({ node }) =>
          node ? (
            <li key={node.id}>
              <Name name={node.name} save={(name) => save(node.id, name)} />
              <span>{node.state}</span>
              <button type="button" onClick={() => remove(node.id)}>
                Unlink
              </button>
            </li>
          ) : null,
        )}
      </ul>
      {snapshots.pageInfo.hasNextPage && (
        <button type="button" onClick={more}>
          More
        </button>
      )}
    </section>
  );
}

function Name({ name, save }: { name: string; save: (name: string) => void }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save(String(new FormData(event.currentTarget).get('name')));
      }}
    >
      <b>{name}</b>
      <input name="name" aria-label={`New name of ${name}`} />
    </form>
  );
}
