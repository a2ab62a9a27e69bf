import DataLoader from 'dataloader';
import type { RestorationRow, SnapshotRow, VolumeRow } from '../waldur/rows.ts';
import { fetchWindow, type Kind, type ListIdentity, type ListPage, type ListRequest } from './lists.ts';
import type { Rows, Upstream } from './upstream.ts';

/** REST columns that the operation needs of each resource. */
export interface Columns {
  readonly snapshot: readonly string[];
  readonly volume: readonly string[];
}

export interface RowLoader<Row> {
  /** The row, or null if it does not exist or the caller may not see it. */
  load(uuid: string): Promise<Row | null>;
}

/**
 * All reading of one operation: what was asked once is not asked again. Loaders belong to one operation of one caller and are
 * thrown away with it, so nothing here can reach another caller.
 */
export interface Loaders {
  readonly snapshots: RowLoader<SnapshotRow>;
  readonly volumes: RowLoader<VolumeRow>;
  /** Restorations of a snapshot, an Error in the place of one that could not be read. */
  readonly restorations: RowLoader<readonly (RestorationRow | Error)[]>;
  /** Rows of a window; requests for the same window share one fetch. */
  list<K extends Kind>(request: ListRequest<K>): Promise<ListPage<Rows[K]>>;
  /** Total of a list; shared with every request of the same filter that brings the total anyway. */
  count(list: ListIdentity): Promise<number>;
  /** Forgets everything read, after a write has changed it. */
  clear(): void;
}

export function createLoaders(upstream: Upstream, columns: Columns): Loaders {
  const snapshots = new DataLoader((uuids: readonly string[]) =>
    settled(uuids.map((uuid) => upstream.get('snapshot', uuid, columns.snapshot))),
  );
  const volumes = new DataLoader((uuids: readonly string[]) =>
    settled(uuids.map((uuid) => upstream.get('volume', uuid, columns.volume))),
  );
  const restorations = new DataLoader((uuids: readonly string[]) =>
    settled(uuids.map((uuid) => upstream.restorations(uuid))),
  );
  const lists = new Map<string, Promise<ListPage<Rows[Kind]>>>();
  const totals = new Map<string, Promise<number>>();

  const countNow = ({ kind, filter, empty }: ListIdentity): Promise<number> =>
    empty ? Promise.resolve(0) : upstream.count(kind, filter);

  // By the time a batch is filled every list of the same step has been asked for, so a count finds the list that brings it.
  const counts = new DataLoader<ListIdentity, number, string>(
    (requests) => settled(requests.map((request) => totals.get(totalKey(request)) ?? countNow(request))),
    { cacheKeyFn: totalKey },
  );

  const startList = <K extends Kind>(request: ListRequest<K>): Promise<ListPage<Rows[K]>> => {
    const page = fetchWindow(upstream, request, columns[request.kind], () => countNow(request));
    const total = page.then((found) => found.total);
    // Whoever asks for the total gets the failure; when nobody does it must not count as unhandled.
    total.catch(() => undefined);
    totals.set(totalKey(request), total);
    return page;
  };

  return {
    snapshots,
    volumes,
    restorations,
    list<K extends Kind>(request: ListRequest<K>) {
      const key = JSON.stringify([totalKey(request), request.order, request.window]);
      const known = lists.get(key) as Promise<ListPage<Rows[K]>> | undefined;
      const page = known ?? startList(request);
      if (known === undefined) lists.set(key, page);
      return page;
    },
    count: (list) => counts.load(list),
    clear() {
      snapshots.clearAll();
      volumes.clearAll();
      restorations.clearAll();
      counts.clearAll();
      lists.clear();
      totals.clear();
    },
  };
}

const totalKey = ({ kind, filter, empty }: ListIdentity): string =>
  JSON.stringify([kind, empty, Object.entries(filter).sort()]);

/** What a DataLoader's batch answers: the failure of one key is that key's alone. */
const settled = async <Value>(loads: readonly Promise<Value>[]): Promise<(Value | Error)[]> =>
  (await Promise.allSettled(loads)).map((result) =>
    result.status === 'fulfilled' ? result.value : asError(result.reason),
  );

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
