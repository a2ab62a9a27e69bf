import DataLoader from 'dataloader';
import type { RestorationRow, SnapshotRow, VolumeRow } from '../waldur/rows.ts';
import { fetchWindow, type Kind, type ListPage, type ListRequest } from './lists.ts';
import type { Upstream, ViewerRow } from './upstream.ts';

/** REST columns that the operation needs of each resource. */
export interface Columns {
  readonly snapshot: readonly string[];
  readonly volume: readonly string[];
}

/**
 * All reading of one operation: what was asked once is not asked again. Loaders belong to one operation and one caller, and are
 * thrown away with it, so nothing here can reach another caller.
 */
export interface Loaders {
  readonly snapshots: RowLoader<SnapshotRow>;
  readonly volumes: RowLoader<VolumeRow>;
  /** Restorations of a snapshot; null if the caller may not see the snapshot. */
  readonly restorations: RowLoader<RestorationRow[]>;
  /** Rows of a window; requests for the same window share one fetch. */
  list<Row>(request: ListRequest): Promise<ListPage<Row>>;
  /** Total of a list; shared with every request of the same filter that brings the total anyway. */
  count(request: Pick<ListRequest, 'kind' | 'filter' | 'empty'>): Promise<number>;
  /** The caller's own user. */
  viewer(): Promise<ViewerRow>;
  /** Forgets everything read, after a write has changed it. */
  clear(): void;
}

export interface RowLoader<Row> {
  /** The row, or null if it does not exist or the caller may not see it. */
  load(uuid: string): Promise<Row | null>;
}

/** @param viewer reads the caller's user; given from outside because it outlives one operation. */
export function createLoaders(upstream: Upstream, columns: Columns, viewer: () => Promise<ViewerRow>): Loaders {
  const rowLoader = <Row>(kind: Kind) =>
    new DataLoader((uuids: readonly string[]) =>
      settled(uuids.map((uuid) => upstream.get<Row>(kind, uuid, { fields: columns[kind] }))),
    );
  const snapshots = rowLoader<SnapshotRow>('snapshot');
  const volumes = rowLoader<VolumeRow>('volume');
  const restorations = new DataLoader((uuids: readonly string[]) =>
    settled(uuids.map((uuid) => upstream.restorations(uuid))),
  );
  const lists = new Map<string, Promise<ListPage<unknown>>>();
  const totals = new Map<string, Promise<number>>();
  let viewerRow: Promise<ViewerRow> | undefined;

  const countNow = ({ kind, filter, empty }: Pick<ListRequest, 'kind' | 'filter' | 'empty'>): Promise<number> =>
    empty ? Promise.resolve(0) : countUpstream(upstream, kind, filter);

  // A batch is filled by then with every list of the operation's same step, so a count finds the list that brings it.
  const counts = new DataLoader<Pick<ListRequest, 'kind' | 'filter' | 'empty'>, number, string>(
    (requests) => settled(requests.map((request) => totals.get(totalKey(request)) ?? countNow(request))),
    { cacheKeyFn: totalKey },
  );

  return {
    snapshots,
    volumes,
    restorations,
    list<Row>(request: ListRequest) {
      const key = JSON.stringify([totalKey(request), request.order, request.window]);
      let page = lists.get(key) as Promise<ListPage<Row>> | undefined;
      if (page === undefined) {
        page = fetchWindow<Row>(upstream, request, columns[request.kind], () => countNow(request));
        lists.set(key, page);
        const total = page.then((found) => found.total);
        // Whoever asks for the total gets the failure; without anybody asking it must not count as unhandled.
        total.catch(() => undefined);
        totals.set(totalKey(request), total);
      }
      return page;
    },
    count: (request) => counts.load(request),
    viewer: () => (viewerRow ??= viewer()),
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

const totalKey = ({ kind, filter, empty }: Pick<ListRequest, 'kind' | 'filter' | 'empty'>): string =>
  JSON.stringify([kind, empty, Object.entries(filter).sort()]);

async function countUpstream(upstream: Upstream, kind: Kind, filter: ListRequest['filter']): Promise<number> {
  if (typeof filter.uuid !== 'string') return upstream.count(kind, filter);
  const { uuid, ...others } = filter;
  return (await upstream.get(kind, uuid, { fields: ['uuid'], filter: others })) === null ? 0 : 1;
}

/** What a DataLoader's batch answers: the failure of one key is that key's alone. */
const settled = async <Value>(loads: readonly Promise<Value>[]): Promise<(Value | Error)[]> =>
  (await Promise.allSettled(loads)).map((result) =>
    result.status === 'fulfilled' ? result.value : asError(result.reason),
  );

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
