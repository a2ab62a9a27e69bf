import DataLoader from 'dataloader';
import type { RestorationRow, SnapshotRow, VolumeRow } from '../waldur/types.ts';
import { filterText, orderText } from './cache-keys.ts';
import { type Hint, hintsOfRow, scopeOf } from './hints.ts';
import {
  type Filter,
  fetchWindow,
  type Kind,
  type ListIdentity,
  type ListPage,
  type ListRequest,
  type Window,
} from './lists.ts';
import type { OperationClient } from './operation-client.ts';
import { type Decision, errorOf, Planner, settled } from './planner.ts';
import type { Rows } from './request-options.ts';
import { listSiblings, type Parent, type SiblingRequest } from './siblings.ts';

/** REST columns that the operation needs of each resource. */
export interface Columns {
  readonly snapshot: readonly string[];
  readonly volume: readonly string[];
}

export interface RowLoader<Row> {
  /**
   * The row, or null if it does not exist or the caller may not see it.
   * @param hints lists that hold it, the narrowest first; they matter for what calls are made, never for the answer.
   */
  load(uuid: string, hints?: readonly Hint[]): Promise<Row | null>;
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
  /**
   * Rows of a window; requests for the same window share one fetch.
   * @param parent the volume whose snapshots are asked for, where the list is one of a volume's.
   */
  list<K extends Kind>(request: ListRequest<K>, parent?: Parent): Promise<ListPage<Rows[K]>>;
  /** Total of a list; shared with every request of the same filter that brings the total anyway. */
  count(list: ListIdentity, parent?: Parent): Promise<number>;
  /** Lists that hold what belongs to a row of a list read before. */
  hintsOf(row: object): readonly Hint[];
  /** What was decided about calls, in order. */
  readonly decisions: readonly Decision[];
  /** Forgets everything read, after a write has changed it. */
  clear(): void;
}

interface Listing {
  readonly request: ListRequest;
  readonly parent: Parent | undefined;
  /** Tells the list, whatever part of it is asked for. */
  readonly key: string;
}

interface Counting {
  readonly list: ListIdentity;
  readonly parent: Parent | undefined;
}

const NO_HINTS: readonly Hint[] = [];

export const createLoaders = (upstream: OperationClient, columns: Columns): Loaders =>
  new OperationLoaders(upstream, columns);

/** Each loader is made when it is first needed: most operations need one or two of them. */
class OperationLoaders implements Loaders {
  readonly #upstream: OperationClient;
  readonly #columns: Columns;
  readonly #planner: Planner;
  #snapshots: RowLoader<SnapshotRow> | undefined;
  #volumes: RowLoader<VolumeRow> | undefined;
  #restorations: Loaders['restorations'] | undefined;
  #lists: DataLoader<Listing, ListPage<Rows[Kind]>, string> | undefined;
  #counts: DataLoader<Counting, number, string> | undefined;
  /** Pages asked for, each of which brings the total of its list. */
  #bringing: Map<string, Promise<ListPage<Rows[Kind]>>> | undefined;
  #scopes: WeakMap<object, readonly Hint[]> | undefined;

  constructor(upstream: OperationClient, columns: Columns) {
    this.#upstream = upstream;
    this.#columns = columns;
    this.#planner = new Planner(upstream);
  }

  get snapshots(): RowLoader<SnapshotRow> {
    this.#snapshots ??= rowLoader(this.#planner, 'snapshot', this.#columns.snapshot);
    return this.#snapshots;
  }

  get volumes(): RowLoader<VolumeRow> {
    this.#volumes ??= rowLoader(this.#planner, 'volume', this.#columns.volume);
    return this.#volumes;
  }

  get restorations(): Loaders['restorations'] {
    this.#restorations ??= new DataLoader((uuids: readonly string[]) =>
      Promise.all(uuids.map((uuid) => settled(this.#upstream.restorations(uuid)))),
    );
    return this.#restorations;
  }

  get decisions(): readonly Decision[] {
    return this.#planner.decisions;
  }

  list<K extends Kind>(request: ListRequest<K>, parent?: Parent): Promise<ListPage<Rows[K]>> {
    this.#lists ??= new DataLoader((asked) => fillLists(this.#upstream, this.#planner, this.#columns, asked), LISTS);
    const listing = { request, parent, key: totalKey(request) };
    const page = this.#lists.load(listing) as Promise<ListPage<Rows[K]>>;
    this.#bringing ??= new Map();
    if (!this.#bringing.has(listing.key)) this.#bringing.set(listing.key, page);
    const scope = parent === undefined ? scopeOf(request.filter) : undefined;
    if (scope === undefined) return page;
    return page.then((brought) => {
      this.#remember(brought.rows, scope);
      return brought;
    });
  }

  /** Notes the list that rows were read of, for `hintsOf`. */
  #remember(rows: readonly object[], scope: Filter): void {
    const hints: readonly Hint[] = [{ filter: scope }];
    this.#scopes ??= new WeakMap();
    for (const row of rows) this.#scopes.set(row, hints);
  }

  count(list: ListIdentity, parent?: Parent): Promise<number> {
    // By the time a batch is filled every list of the same step has been asked for, so a count finds the list that brings it.
    this.#counts ??= new DataLoader(
      (asked) => fillCounts(this.#upstream, this.#planner, asked, (list) => this.#bringing?.get(totalKey(list))),
      { cacheKeyFn: ({ list }) => totalKey(list) },
    );
    return this.#counts.load({ list, parent });
  }

  hintsOf(row: object): readonly Hint[] {
    return this.#scopes?.get(row) ?? hintsOfRow(row);
  }

  clear(): void {
    this.#snapshots = undefined;
    this.#volumes = undefined;
    this.#restorations = undefined;
    this.#lists = undefined;
    this.#counts = undefined;
    this.#bringing = undefined;
    this.#scopes = undefined;
  }
}

/** Tells the part of a list that is asked for. */
const listingKey = ({ key, request }: Pick<Listing, 'key' | 'request'>): string =>
  `${key} ${orderText(request.order)} ${windowText(request.window)}`;

const LISTS: DataLoader.Options<Listing, ListPage<Rows[Kind]>, string> = { cacheKeyFn: listingKey };

function rowLoader<K extends Kind>(planner: Planner, kind: K, fields: readonly string[]): RowLoader<Rows[K]> {
  let hints: Map<string, readonly Hint[]> | undefined;
  let batches: DataLoader<string, Rows[K] | null> | undefined;
  const loadTogether = (uuids: readonly string[]): Promise<readonly (Rows[K] | null | Error)[]> => {
    const [only] = uuids;
    // One is asked for by itself, whatever else there is to know.
    if (uuids.length === 1 && only !== undefined) return listed(planner.get(kind, only, fields));
    return planner
      .find(kind, uuids, fields, (uuid) => hints?.get(uuid) ?? NO_HINTS)
      .then((found) => uuids.map((uuid) => found.get(uuid) ?? null));
  };
  return {
    load(uuid, given = NO_HINTS) {
      if (given.length > 0) {
        hints ??= new Map();
        if (!hints.has(uuid)) hints.set(uuid, given);
      }
      batches ??= new DataLoader(loadTogether);
      return batches.load(uuid);
    },
  };
}

/** What a DataLoader's batch of one answers. */
const listed = <Value>(loading: Promise<Value>): Promise<(Value | Error)[]> => loading.then(inList, inListFailed);
const inList = <Value>(value: Value): (Value | Error)[] => [value];
const inListFailed = (reason: unknown): Error[] => [errorOf(reason)];

const fetchPage = (upstream: OperationClient, columns: Columns, request: ListRequest): Promise<ListPage<Rows[Kind]>> =>
  fetchWindow(upstream, request, columns[request.kind], () => upstream.count(request.kind, request.filter));

/** What a DataLoader's batch answers: the failure of one list is that list's alone. */
function fillLists(
  upstream: OperationClient,
  planner: Planner,
  columns: Columns,
  asked: readonly Listing[],
): Promise<(ListPage<Rows[Kind]> | Error)[]> {
  const siblings = asked.flatMap(asSibling);
  const ofVolume = siblings.length > 0 ? together(upstream, planner, columns.snapshot, siblings) : undefined;
  return Promise.all(
    asked.map((listing) => {
      if (ofVolume !== undefined && asSibling(listing).length > 0) return ofVolume(listing.request);
      return settled(fetchPage(upstream, columns, listing.request));
    }),
  );
}

async function fillCounts(
  upstream: OperationClient,
  planner: Planner,
  asked: readonly Counting[],
  coming: (list: ListIdentity) => Promise<ListPage<Rows[Kind]>> | undefined,
): Promise<(number | Error)[]> {
  const nobodyBrings = asked.filter(({ list }) => coming(list) === undefined);
  const requests = new Map(nobodyBrings.map(({ list, parent }) => [list, { request: { ...list, ...COUNT }, parent }]));
  const siblings = together(upstream, planner, NO_COLUMNS, [...requests.values()].flatMap(asSibling));
  return Promise.all(
    asked.map(async ({ list }) => {
      const bringing = coming(list);
      if (bringing !== undefined) return totalOf(await settled(bringing));
      if (list.empty) return 0;
      const listing = requests.get(list);
      if (listing === undefined || asSibling(listing).length === 0)
        return settled(upstream.count(list.kind, list.filter));
      return totalOf(await siblings(listing.request));
    }),
  );
}

const totalOf = (page: ListPage<unknown> | Error): number | Error => (page instanceof Error ? page : page.total);

/** A window of no rows, of which only the total is wanted. */
const COUNT: Pick<ListRequest, 'order' | 'window'> = { order: [], window: { kind: 'head', start: 0, count: 0 } };
const NO_COLUMNS: readonly string[] = ['uuid'];

const asSibling = ({ request, parent }: Pick<Listing, 'request' | 'parent'>): SiblingRequest[] =>
  parent === undefined || request.kind !== 'snapshot' || request.empty
    ? []
    : [{ ...request, kind: 'snapshot', parent }];

/** Asks for the snapshots of many volumes. @returns what waits for the answer to one of the requests. */
function together(
  upstream: OperationClient,
  planner: Planner,
  fields: readonly string[],
  siblings: readonly SiblingRequest[],
): (request: ListRequest) => Promise<ListPage<Rows['snapshot']> | Error> {
  const filling = listSiblings(upstream, planner, siblings, fields);
  return async ({ filter }) => (await filling).get(filter) ?? new Error('A list was not planned.');
}

const totalKey = ({ kind, filter, empty }: ListIdentity): string => `${kind} ${empty} ${filterText(filter)}`;

const windowText = ({ kind, start, count }: Window): string => `${kind} ${start} ${count}`;
