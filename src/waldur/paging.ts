import type { FilterTable } from './filters.ts';
import { SNAPSHOT_FILTERS, VOLUME_FILTERS } from './filters.ts';

/** Rows of a REST page, most; more is cut to it without an error (contract 3.5). */
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

/** Sort keys: names of the graph to those of REST (contract 3.4). */
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
  readonly order: Readonly<Record<string, string>>;
}

export const SNAPSHOTS: ResourceKind = {
  path: 'openstack-snapshots/',
  filters: SNAPSHOT_FILTERS,
  order: SNAPSHOT_ORDER,
};
export const VOLUMES: ResourceKind = { path: 'openstack-volumes/', filters: VOLUME_FILTERS, order: VOLUME_ORDER };

const written = new WeakMap<readonly string[], string>();

/** `field=a&field=b`, remembered for the array: a planner gives the same one for each run of a document. */
export function writeFields(fields: readonly string[] | undefined): string {
  if (fields === undefined) return '';
  let text = written.get(fields);
  if (text === undefined) {
    text = fields.map((field) => `field=${encodeURIComponent(field)}`).join('&');
    written.set(fields, text);
  }
  return text;
}

/** `o=state,-created`; empty for no order, which is Waldur's own: by name. */
export function writeOrder(kind: ResourceKind, order: readonly SortKey<string>[] | undefined): string {
  if (order === undefined || order.length === 0) return '';
  const keys = order.map(({ field, direction }) => {
    const key = Object.hasOwn(kind.order, field) ? kind.order[field] : undefined;
    if (key === undefined) throw new RangeError(`no sort key ${field}`);
    return direction === 'DESC' ? `-${key}` : key;
  });
  return `o=${keys.join(',')}`;
}

/** @throws RangeError for a page that REST would cut or refuse. */
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

/** Rows of all pages, from X-Result-Count; undefined without a usable one. `Link` is never looked at: it may name another host. */
export const readTotal = (header: string | undefined): number | undefined =>
  header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined;

/** Rows of all pages, from a page that is not full and so the last; undefined for one that does not tell. */
export const totalOf = (rows: number, page: number, pageSize: number): number | undefined =>
  rows < pageSize && (rows > 0 || page === 1) ? (page - 1) * pageSize + rows : undefined;
