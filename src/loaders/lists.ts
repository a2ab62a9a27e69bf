import type { Rows } from './asking.ts';
import { planPages } from './pages.ts';
import type { Upstream } from './upstream.ts';

/** Conditions by their names in the graph, checked and without those that are no condition. */
export type Filter = Readonly<Record<string, string | true | readonly string[]>>;
export type Order = readonly { readonly field: string; readonly direction: 'ASC' | 'DESC' }[];
export type Kind = keyof Rows;

/**
 * Which rows are asked for. `head`: `count` rows from `start` on. `tail`: the last `count` rows of the list, none before `start`;
 * where they lie is known only when the total is.
 */
export type Window =
  | { readonly kind: 'head'; readonly start: number; readonly count: number }
  | { readonly kind: 'tail'; readonly start: number; readonly count: number };

/** Where a window begins in a list of this length. */
export const startOf = ({ kind, start, count }: Window, total: number): number =>
  kind === 'head' ? start : Math.max(start, total - count);

/** A list, whatever part of it. */
export interface ListIdentity<K extends Kind = Kind> {
  readonly kind: K;
  readonly filter: Filter;
  /** True: no row can fulfil the conditions, so nothing is asked. */
  readonly empty: boolean;
}

export interface ListRequest<K extends Kind = Kind> extends ListIdentity<K> {
  readonly order: Order;
  readonly window: Window;
}

export interface ListPage<Row> {
  /** An Error stands for a row that could not be read. */
  readonly rows: readonly (Row | Error)[];
  /** Position of the first row within the list. */
  readonly start: number;
  readonly total: number;
}

/** The same list in the other direction: its first rows are the last ones of this. */
const reversed = (order: Order): Order =>
  order.map(({ field, direction }) => ({ field, direction: direction === 'ASC' ? 'DESC' : 'ASC' }));

/**
 * Fetches the rows of a window in the fewest REST pages.
 * @param count asks for the total alone; used where no page can tell it.
 */
export async function fetchWindow<K extends Kind>(
  upstream: Upstream,
  request: ListRequest<K>,
  fields: readonly string[],
  count: () => Promise<number>,
): Promise<ListPage<Rows[K]>> {
  const { order, window } = request;
  if (request.empty) return { rows: [], start: window.start, total: 0 };
  if (window.count === 0) {
    const total = await count();
    return { rows: [], start: startOf(window, total), total };
  }
  if (window.kind === 'head') {
    const { rows, total } = await fetchRows(upstream, request, order, window, fields);
    return { rows, start: window.start, total: total ?? (await count()) };
  }
  // The total is known only with the answer, so the tail is read as the head of the reversed list.
  const fromEnd = { start: 0, count: window.count };
  const { rows, total = rows.length } = await fetchRows(upstream, request, reversed(order), fromEnd, fields);
  const start = startOf({ ...window, count: rows.length }, total);
  return { rows: rows.slice(0, Math.max(0, total - start)).reverse(), start, total };
}

async function fetchRows<K extends Kind>(
  upstream: Upstream,
  { kind, filter }: ListRequest<K>,
  order: Order,
  { start, count }: { start: number; count: number },
  fields: readonly string[],
): Promise<{ rows: (Rows[K] | Error)[]; total: number | undefined }> {
  const plan = planPages(start, count);
  const fetchPage = (page: number) => upstream.list(kind, { filter, order, page, pageSize: plan.size, fields });
  const firstPage = await fetchPage(plan.first);
  // A page beyond the end has no total either (contract 3.5).
  if (firstPage.total === undefined) return { rows: [], total: undefined };
  const lastNeeded = Math.min(plan.last, Math.ceil(firstPage.total / plan.size));
  const numbers = Array.from({ length: Math.max(0, lastNeeded - plan.first) }, (_, i) => plan.first + 1 + i);
  const skipped = start - (plan.first - 1) * plan.size;
  // Nearly always one page is all.
  const read =
    numbers.length === 0
      ? firstPage.rows
      : [firstPage, ...(await Promise.all(numbers.map(fetchPage)))].flatMap(({ rows }) => rows);
  return { rows: read.slice(skipped, skipped + count), total: firstPage.total };
}
