import type { FilterTable } from './filters.ts';
import { SNAPSHOT_FILTERS, VOLUME_FILTERS } from './filters.ts';

/** Maximum rows of a REST page. Waldur reduces a larger page size to it, without an error (contract 3.5). */
export const MAX_PAGE_SIZE = 300;

const COMMON_ORDER = {
  NAME: 'name',
  STATE: 'state',
  CUSTOMER_NAME: 'customer_name',
  CUSTOMER_NATIVE_NAME: 'customer_native_name',
  CUSTOMER_ABBREVIATION: 'customer_abbreviation',
  PROJECT_NAME: 'project_name',
  SERVICE_NAME: 'service_name',
  CREATED: 'created',
  SIZE: 'size',
} as const;

/** Sort keys of REST by their names in the graph (contract 3.4). */
export const SNAPSHOT_ORDER = { ...COMMON_ORDER, SOURCE_VOLUME_NAME: 'source_volume_name' } as const;
export const VOLUME_ORDER = { ...COMMON_ORDER, INSTANCE_NAME: 'instance_name' } as const;

export interface SortKey<Key extends string> {
  readonly field: Key;
  readonly direction: 'ASC' | 'DESC';
}
export type SnapshotSortKey = SortKey<keyof typeof SNAPSHOT_ORDER>;
export type VolumeSortKey = SortKey<keyof typeof VOLUME_ORDER>;

/** What the client needs to know of a kind of resource. */
export interface ResourceKind {
  /** Its path under the API's base. */
  readonly path: string;
  readonly filters: FilterTable;
  /** Sort keys of REST by their names in the graph; undefined where Waldur ignores sort keys. */
  readonly order: Readonly<Record<string, string>> | undefined;
  /** Columns of REST by those that the rows have here; undefined where they are the same. */
  readonly columns: Columns | undefined;
}

export const SNAPSHOTS: ResourceKind = {
  path: 'openstack-snapshots/',
  filters: SNAPSHOT_FILTERS,
  order: SNAPSHOT_ORDER,
  columns: undefined,
};
export const VOLUMES: ResourceKind = {
  path: 'openstack-volumes/',
  filters: VOLUME_FILTERS,
  order: VOLUME_ORDER,
  columns: undefined,
};

type Columns = Readonly<Record<string, string>>;

const written = new WeakMap<readonly string[], string>();
const renamed = new WeakMap<readonly string[], string>();

/**
 * Writes `field=a&field=b`. The result is cached for the array, which is the same in each run of a document.
 * @param columns the columns of REST by those in `fields`; see `ResourceKind`. An array is used with those of one kind only.
 */
export function writeFields(fields: readonly string[] | undefined, columns?: Columns): string {
  if (fields === undefined) return '';
  const cache = columns === undefined ? written : renamed;
  let text = cache.get(fields);
  if (text === undefined) {
    const names = columns === undefined ? fields : new Set(fields.map((field) => restColumn(columns, field)));
    text = Array.from(names, (field) => `field=${encodeURIComponent(field)}`).join('&');
    cache.set(fields, text);
  }
  return text;
}

/** @throws RangeError for a column that the kind does not have. */
function restColumn(columns: Columns, field: string): string {
  const column = Object.hasOwn(columns, field) ? columns[field] : undefined;
  if (column === undefined) throw new RangeError(`no column ${field}`);
  return column;
}

/** Writes `o=state,-created`. An empty order is that of Waldur: by name. */
export function writeOrder({ order: known }: ResourceKind, order: readonly SortKey<string>[] | undefined): string {
  if (known === undefined || order === undefined || order.length === 0) return '';
  const keys = order.map(({ field, direction }) => {
    const key = Object.hasOwn(known, field) ? known[field] : undefined;
    if (key === undefined) throw new RangeError(`no sort key ${field}`);
    return direction === 'DESC' ? `-${key}` : key;
  });
  return `o=${keys.join(',')}`;
}

/** @throws RangeError for a page that Waldur would reduce or refuse. */
export function writePage(page: number, pageSize: number): string {
  if (!Number.isInteger(page) || page < 1) throw new RangeError(`pages are numbered from 1, not ${page}`);
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE_SIZE) {
    throw new RangeError(`a page has 1 to ${MAX_PAGE_SIZE} rows, not ${pageSize}`);
  }
  return page === 1 ? `page_size=${pageSize}` : `page=${page}&page_size=${pageSize}`;
}

/** Joins those parts of a query that are not empty. */
export function joinQuery(...parts: readonly string[]): string {
  let query = '';
  for (const part of parts) {
    if (query === '') query = part;
    else if (part !== '') query += `&${part}`;
  }
  return query;
}

/** Maximum length of a list, which is the maximum of Int. A greater X-Result-Count is invalid. */
const MAX_TOTAL = 2 ** 31 - 1;

/** Maximum pages that one walk through a list reads, whatever the responses say: 300,000 rows. */
const MAX_PAGES = 1_000;

/** Rows of all pages, from X-Result-Count; undefined without a valid one. `Link` is never read: it may name another host. */
export function readTotal(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,10}$/.test(header)) return undefined;
  const total = Number(header);
  return total <= MAX_TOTAL ? total : undefined;
}

export interface PageNumber {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
}

/** Rows of all pages. A page that is not full is the last one, so its rows decide, whatever the header says. */
export const totalOf = (
  counted: number | undefined,
  rows: number,
  { page, pageSize }: PageNumber,
): number | undefined => (rows < pageSize && (rows > 0 || page === 1) ? (page - 1) * pageSize + rows : counted);

/**
 * Whether a walk through a list continues after a page. The rows decide: nothing follows a page that is not full. The total is a hint that
 * saves the last call of a list whose last page is full. A total that is smaller than the number of rows so far is wrong and is ignored.
 *
 * @param rows on the page, including those that cannot be read.
 */
export const mayGoOn = (rows: number, total: number | undefined, { page, pageSize }: PageNumber): boolean =>
  rows >= pageSize && total !== page * pageSize && page < MAX_PAGES;
