import type { CollectionConfig } from '@tanstack/db';
import { type Client, createClient } from 'graphql-ws';
import { resumable, type TableState, type TableStorage, watch } from 'waldur-snapshots-live';

export interface Snapshot {
  readonly id: string;
  readonly uuid: string;
  name: string;
  readonly state: string;
}

const FIELDS = 'id uuid name state';

const UPDATE = `mutation ($input: UpdateSnapshotInput!) {
  updateSnapshot(input: $input) { snapshot { ${FIELDS} } userErrors { code message } }
}`;

interface Updated {
  readonly updateSnapshot: {
    readonly snapshot: Snapshot | null;
    readonly userErrors: readonly { readonly code: string; readonly message: string }[];
  };
}

/** @param url `ws://HOST:PORT/graphql` */
export const connect = (url: string, token: () => string): Client =>
  // The token is read at each connection.
  resumable(createClient({ url, connectionParams: () => ({ Authorization: `Token ${token()}` }), retryWait: briefly }));

const briefly = (retries: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(10_000, 100 * 2 ** retries)));

export interface SnapshotCollectionOptions {
  readonly client: Client;
  readonly filter?: object;
  /** Where the rows outlive the page, such as `localStorage`, and the name under which they are kept. */
  readonly storage?: TableStorage;
  readonly key?: string;
  /** Called when the table changes: whether it is stale, its total, why it ended. */
  readonly onState?: (state: TableState<Snapshot>) => void;
}

/** Options of a TanStack DB collection that holds the snapshots of a filter and follows their changes. */
export function snapshotCollection({
  client,
  filter,
  storage,
  key,
  onState,
}: SnapshotCollectionOptions): CollectionConfig<Snapshot, string> {
  let put: (row: Snapshot) => void = () => {};
  return {
    getKey: ({ id }) => id,
    sync: {
      rowUpdateMode: 'full',
      sync({ begin, write, commit, markReady }) {
        const known = new Map<string, Snapshot>();
        const table = watch<Snapshot>(client, {
          root: 'snapshots',
          fields: FIELDS,
          ...(filter !== undefined && { filter }),
          ...(storage !== undefined && { storage }),
          ...(key !== undefined && { key }),
        });
        put = (value) => {
          if (!known.has(value.id)) return;
          begin();
          write({ type: 'update', value });
          commit();
          known.set(value.id, value);
        };
        const apply = (): void => {
          const state = table.snapshot();
          const next = new Map(state.rows.map((row) => [row.id, row]));
          begin();
          for (const id of known.keys()) if (!next.has(id)) write({ type: 'delete', key: id });
          // A row that did not change is the same object.
          for (const [id, value] of next) {
            if (!known.has(id)) write({ type: 'insert', value });
            else if (known.get(id) !== value) write({ type: 'update', value });
          }
          commit();
          known.clear();
          for (const [id, value] of next) known.set(id, value);
          // Saved rows are shown before the gateway has answered.
          if (state.ready || next.size > 0) markReady();
          onState?.(state);
        };
        table.subscribe(apply);
        apply();
        return () => table.close();
      },
    },
    /** Sends a new name. What it throws takes the optimistic change back. */
    async onUpdate({ transaction }) {
      for (const { original, changes } of transaction.mutations) {
        put(await rename(client, original.uuid, changes.name ?? original.name));
      }
    },
  };
}

async function rename(client: Client, uuid: string, name: string): Promise<Snapshot> {
  for await (const { data, errors } of client.iterate<Updated>({
    query: UPDATE,
    variables: { input: { uuid, name } },
  })) {
    const { snapshot, userErrors = [] } = data?.updateSnapshot ?? {};
    if (snapshot) return snapshot;
    const refusals = userErrors.map(({ code, message }) => `${code}: ${message}`);
    const failures = (errors ?? []).map(({ extensions, message }) => `${extensions?.code}: ${message}`);
    throw new Error([...failures, ...refusals].join(' '));
  }
  throw new Error('The connection was lost. The new name may have been stored: the collection shows it.');
}
