import DataLoader from 'dataloader';
import type { ColumnCosts } from '../domain/costs.ts';
import type { RelatedKind } from '../waldur/related.ts';
import type { RestorationRow, SnapshotRow, VolumeRow } from '../waldur/types.ts';
import {
  type Filter,
  type Kind,
  type ListIdentity,
  type ListPage,
  type ListRequest,
  listKey,
  orderKey,
  type Rows,
  startOf,
  windowKey,
} from './list-request.ts';
import type { OperationClient } from './operation-client.ts';
import { type CandidateList, candidatesFromRow, type Decision, Planner, settled, sharedConditions } from './planner.ts';
import { loadVolumeSnapshots, type ParentVolume, type VolumeSnapshotsRequest } from './volume-snapshots.ts';
import { fetchWindow } from './windows.ts';

/** REST columns that the operation needs of each kind of resource. */
export type Columns = { readonly [K in Kind]: readonly string[] };

export interface LoadersOptions {
  readonly client: OperationClient;
  readonly columns: Columns;
  readonly costs: ColumnCosts;
  readonly places?: RowPlaces | undefined;
}

/** Where rows are, for fields that depend on it. */
export interface RowPlaces {
  /** Columns that such fields need in addition, of the rows of a list with this filter. Must not reject. */
  columnsFor(kind: Kind, filter: Filter): Promise<readonly string[]>;
  /** Tells the filter of the list that a row was found in. */
  remember(kind: Kind, row: object, filter: Filter): void;
}

const NOWHERE: RowPlaces = { columnsFor: async () => [], remember: () => {} };

export interface RowLoader<Row> {
  /**
   * The row, or null if it does not exist or the caller may not see it.
   * @param candidates lists that probably hold it, the narrowest first. They affect which calls are made, never the result.
   */
  load(uuid: string, candidates?: readonly CandidateList[]): Promise<Row | null>;
}

interface RequestedList {
  readonly request: ListRequest;
  readonly parent: ParentVolume | undefined;
}

interface RequestedCount {
  readonly list: ListIdentity;
  readonly parent: ParentVolume | undefined;
}

type AnyPage = ListPage<Rows[Kind]>;

/**
 * All reading of one operation. Requests made in the same tick are planned together, and nothing is requested twice. Loaders belong
 * to one operation of one caller, so nothing here can reach another caller.
 */
export class Loaders {
  readonly snapshots: RowLoader<SnapshotRow>;
  readonly volumes: RowLoader<VolumeRow>;
  /** Restorations of a snapshot; an Error stands in for one that could not be read. */
  readonly restorations: RowLoader<readonly (RestorationRow | Error)[]>;
  readonly #client: OperationClient;
  readonly #columns: Columns;
  readonly #planner: Planner;
  readonly #places: RowPlaces;
  readonly #lists: DataLoader<RequestedList, AnyPage, string>;
  readonly #counts: DataLoader<RequestedCount, number, string>;
  /** Requested pages by list. Each of them returns the total of its list too. */
  readonly #pages = new Map<string, Promise<AnyPage>>();
  readonly #candidates = new WeakMap<object, readonly CandidateList[]>();
  readonly #caches: { clearAll(): unknown }[];
  readonly #related = new Map<RelatedKind, unknown>();

  constructor({ client, columns, costs, places = NOWHERE }: LoadersOptions) {
    this.#client = client;
    this.#columns = columns;
    this.#planner = new Planner(client, costs);
    this.#places = places;
    const snapshots = new DataLoader(this.#findRows('snapshot'), { cacheKeyFn: ({ uuid }) => uuid });
    const volumes = new DataLoader(this.#findRows('volume'), { cacheKeyFn: ({ uuid }) => uuid });
    const restorations = new DataLoader((uuids: readonly string[]) =>
      Promise.all(uuids.map((uuid) => settled(client.restorations(uuid)))),
    );
    this.snapshots = { load: (uuid, candidates = []) => snapshots.load({ uuid, candidates }) };
    this.volumes = { load: (uuid, candidates = []) => volumes.load({ uuid, candidates }) };
    this.restorations = restorations;
    this.#lists = new DataLoader((lists) => this.#loadLists(lists), {
      cacheKeyFn: ({ request }) => `${listKey(request)} ${orderKey(request.order)} ${windowKey(request.window)}`,
    });
    this.#counts = new DataLoader((counts) => this.#loadCounts(counts), { cacheKeyFn: ({ list }) => listKey(list) });
    this.#caches = [snapshots, volumes, restorations, this.#lists, this.#counts];
  }

  /** All decisions of the planner, in order. */
  get decisions(): readonly Decision[] {
    return this.#planner.decisions;
  }

  /**
   * Rows of a window. Requests for the same window share one fetch. A window without rows needs nothing but the total.
   * @param parent the volume whose snapshots are requested, if the list is one of a volume's.
   */
  list<K extends Kind>(request: ListRequest<K>, parent?: ParentVolume): Promise<ListPage<Rows[K]>> {
    const { window } = request;
    if (window.count === 0) {
      return this.count(request, parent).then((total) => ({ rows: [], start: startOf(window, total), total }));
    }
    const page = this.#lists.load({ request, parent }) as Promise<ListPage<Rows[K]>>;
    const key = listKey(request);
    if (!this.#pages.has(key)) this.#pages.set(key, page);
    return page;
  }

  /** Total of a list. It is taken from a page of the same list in any order, if one is requested at the same time or before. */
  count(list: ListIdentity, parent?: ParentVolume): Promise<number> {
    return this.#counts.load({ list, parent });
  }

  /** Objects that snapshots and volumes belong to. Most operations load none, so each loader is made on first use. */
  related<K extends RelatedKind>(kind: K): RowLoader<Rows[K]> {
    const known = this.#related.get(kind);
    if (known !== undefined) return known as RowLoader<Rows[K]>;
    const rows = new DataLoader(this.#findRows(kind), { cacheKeyFn: ({ uuid }: { uuid: string }) => uuid });
    const loader: RowLoader<Rows[K]> = { load: (uuid) => rows.load({ uuid, candidates: [] }) };
    this.#related.set(kind, loader);
    this.#caches.push(rows);
    return loader;
  }

  /** Lists that probably hold the objects related to a row. */
  candidatesOf(row: object): readonly CandidateList[] {
    return this.#candidates.get(row) ?? candidatesFromRow(row);
  }

  /** Forgets everything that was read. Must be called after a write. */
  clear(): void {
    for (const cache of this.#caches) cache.clearAll();
    this.#pages.clear();
  }

  #findRows<K extends Kind>(kind: K) {
    return async (keys: readonly { uuid: string; candidates: readonly CandidateList[] }[]) => {
      const candidates = new Map(keys.map((key) => [key.uuid, key.candidates]));
      const uuids = keys.map(({ uuid }) => uuid);
      const columns = await this.#columnsFor(kind, NO_FILTER);
      const found = await this.#planner.find(kind, uuids, columns, (uuid) => candidates.get(uuid) ?? []);
      return uuids.map((uuid) => found.get(uuid) ?? null);
    };
  }

  async #loadLists(lists: readonly RequestedList[]): Promise<(AnyPage | Error)[]> {
    const ofVolumes = this.#startVolumeSnapshots(lists.flatMap(asVolumeSnapshots), true);
    return Promise.all(
      lists.map((list) =>
        asVolumeSnapshots(list).length > 0 ? ofVolumes(list.request) : this.#loadList(list.request),
      ),
    );
  }

  async #loadList(request: ListRequest): Promise<AnyPage | Error> {
    const { kind, filter } = request;
    const count = () => this.#client.count(kind, filter);
    const columns = await this.#columnsFor(kind, filter);
    const page = await settled(fetchWindow(this.#client, request, columns, count));
    if (page instanceof Error) return page;
    const conditions = sharedConditions(filter);
    if (conditions !== undefined) {
      const candidates = [{ filter: conditions }];
      for (const row of page.rows) this.#candidates.set(row, candidates);
    }
    for (const row of page.rows) this.#places.remember(kind, row, filter);
    return page;
  }

  /** The columns of the operation, and those that tell where the rows of a list are. */
  async #columnsFor(kind: Kind, filter: Filter): Promise<readonly string[]> {
    const columns = this.#columns[kind];
    const more = (await this.#places.columnsFor(kind, filter)).filter((column) => !columns.includes(column));
    return more.length === 0 ? columns : [...columns, ...more].sort();
  }

  /** All lists of the same tick have been requested by now, so a count finds the page that brings its total. */
  async #loadCounts(counts: readonly RequestedCount[]): Promise<(number | Error)[]> {
    const requests = counts.map(({ list, parent }) => ({ request: { ...list, ...NO_ROWS }, parent }));
    const alone = requests.filter(({ request }) => !this.#pages.has(listKey(request)));
    const ofVolumes = this.#startVolumeSnapshots(alone.flatMap(asVolumeSnapshots), false);
    return Promise.all(
      requests.map(async (counted) => {
        const { request } = counted;
        const page = this.#pages.get(listKey(request));
        if (page !== undefined) return totalOf(await settled(page));
        if (request.empty) return 0;
        if (asVolumeSnapshots(counted).length > 0) return totalOf(await ofVolumes(request));
        return settled(this.#client.count(request.kind, request.filter));
      }),
    );
  }

  /** Starts to load the snapshots of many volumes, or only to count them. @returns the function that waits for the result of one of the requests. */
  #startVolumeSnapshots(
    requests: readonly VolumeSnapshotsRequest[],
    withRows: boolean,
  ): (request: ListRequest) => Promise<ListPage<SnapshotRow> | Error> {
    const loading = this.#loadVolumeSnapshots(requests, withRows);
    return async ({ filter }) => (await loading).get(filter) ?? new Error('A list was not planned.');
  }

  async #loadVolumeSnapshots(requests: readonly VolumeSnapshotsRequest[], withRows: boolean) {
    // Their filters differ, and with them what is known of where they are.
    const needsRows = withRows && requests.length > 0;
    const fields = needsRows ? await this.#columnsFor('snapshot', NO_FILTER) : UUID_ONLY;
    return loadVolumeSnapshots(this.#client, this.#planner, requests, fields);
  }
}

/** A window without rows, for counting. */
const NO_ROWS: Pick<ListRequest, 'order' | 'window'> = { order: [], window: { kind: 'head', start: 0, count: 0 } };
const UUID_ONLY: readonly string[] = ['uuid'];
const NO_FILTER: Filter = {};

const totalOf = (page: AnyPage | Error): number | Error => (page instanceof Error ? page : page.total);

/** The request, if it is one that is loaded together with those of other volumes. */
const asVolumeSnapshots = ({ request, parent }: RequestedList): VolumeSnapshotsRequest[] =>
  parent === undefined || request.kind !== 'snapshot' || request.empty
    ? []
    : [{ ...request, kind: 'snapshot', parent }];
