import { planPages } from './pages.ts';
import type { Upstream } from './upstream.ts';

/** Conditions by their names in the graph, checked and without those that are no condition. */
export type Filter = Readonly<Record<string, string | true | readonly string[]>>;
export type Order = { readonly field: string; readonly direction: 'ASC' | 'DESC' }[];
export type Kind = 'snapshot' | 'volume';

/**
 * Which rows are asked for. `head`: `count` rows from `start` on. `tail`: the last `count` rows of the list, none before `start`;
 * where they lie is known only when the total is.
 */
export type Window =
  | { readonly kind: 'head'; readonly start: number; readonly count: number }
  | { readonly kind: 'tail'; readonly start: number; readonly count: number };

export interface ListRequest {
  readonly kind: Kind;
  readonly filter: Filter;
  readonly order: Order;
  readonly window: Window;
  /** True: no row can fulfil the conditions, so nothing is asked. */
  readonly empty: boolean;
}

export interface ListPage<Row> {
  /** An Error stands for a row that could not be read. */
  readonly rows: (Row | Error)[];
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
export async function fetchWindow<Row>(
  upstream: Upstream,
  request: ListRequest,
  fields: readonly string[],
  count: () => Promise<number>,
): Promise<ListPage<Row>> {
  const { kind, filter, order, window } = request;
  if (request.empty) return { rows: [], start: window.start, total: 0 };
  if (typeof filter.uuid === 'string') return windowOfOne(await fetchOne<Row>(upstream, kind, filter, fields), window);
  if (window.count === 0) return { rows: [], start: window.start, total: await count() };
  if (window.kind === 'head') {
    const { rows, total } = await fetchRows<Row>(upstream, request, order, window, fields, count);
    return { rows, start: window.start, total };
  }
  // The total is known only with the answer, so the tail is read as the head of the reversed list.
  const fromEnd = { start: 0, count: window.count };
  const { rows, total } = await fetchRows<Row>(upstream, request, reversed(order), fromEnd, fields, count);
  const start = Math.max(window.start, total - rows.length);
  return { rows: rows.slice(0, Math.max(0, total - start)).reverse(), start, total };
}

/** `uuid` is no condition of newer Waldurs, which ignore it, so it is answered by a detail GET that carries the others. */
async function fetchOne<Row>(upstream: Upstream, kind: Kind, filter: Filter, fields: readonly string[]) {
  const { uuid, ...others } = filter;
  const row = await upstream.get<Row>(kind, String(uuid), { fields, filter: others });
  return row === null ? [] : [row];
}

function windowOfOne<Row>(all: Row[], { kind, start, count }: Window): ListPage<Row> {
  const first = kind === 'head' ? start : Math.max(start, all.length - count);
  return { rows: all.slice(first, first + count), start: first, total: all.length };
}

async function fetchRows<Row>(
  upstream: Upstream,
  { kind, filter }: ListRequest,
  order: Order,
  { start, count }: { start: number; count: number },
  fields: readonly string[],
  countAll: () => Promise<number>,
): Promise<{ rows: (Row | Error)[]; total: number }> {
  const plan = planPages(start, count);
  const fetchPage = (page: number) => upstream.list<Row>(kind, { filter, order, page, pageSize: plan.size, fields });
  const firstPage = await fetchPage(plan.first);
  // A page beyond the end has no count either (contract 3.5).
  if (firstPage === null) return { rows: [], total: await countAll() };
  const lastNeeded = Math.min(plan.last, Math.ceil(firstPage.total / plan.size));
  const numbers = Array.from({ length: Math.max(0, lastNeeded - plan.first) }, (_, i) => plan.first + 1 + i);
  const others = await Promise.all(numbers.map(fetchPage));
  const rows = [firstPage, ...others].flatMap((page) => page?.rows ?? []);
  const skipped = start - (plan.first - 1) * plan.size;
  return { rows: rows.slice(skipped, skipped + count), total: firstPage.total };
}
