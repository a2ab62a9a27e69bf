import { mayGoOn } from '../waldur/paging.ts';
import { type Page, provenTotal } from '../waldur/reads.ts';
import type { OperationClient } from './operation-client.ts';
import { type PagePlan, planPages } from './pages.ts';
import type { Rows } from './request-options.ts';

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
  /** An Error where Waldur does not say how long the list is, or says what cannot be true. */
  readonly total: number | Error;
}

/** The same list in the other direction: its first rows are the last ones of this. */
const reversed = (order: Order): Order =>
  order.map(({ field, direction }) => ({ field, direction: direction === 'ASC' ? 'DESC' : 'ASC' }));

/**
 * Fetches the rows of a window in the fewest REST pages.
 * @param count asks for the total alone; used where no page can tell it.
 */
export async function fetchWindow<K extends Kind>(
  upstream: OperationClient,
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
    const { start } = window;
    if (rows.length > 0) return { rows, start, total: provenTotal(total, start + rows.length) };
    return { rows, start, total: total ?? (await count()) };
  }
  // The total is known only with the answer, so the tail is read as the head of the reversed list.
  const fromEnd = { start: 0, count: window.count };
  const { rows, total: told } = await fetchRows(upstream, request, reversed(order), fromEnd, fields);
  const total = rows.length === 0 ? 0 : provenTotal(told, rows.length);
  // The positions of the rows, and so their cursors, follow from the total.
  if (total instanceof Error) throw total;
  const start = startOf({ ...window, count: rows.length }, total);
  return { rows: rows.slice(0, Math.max(0, total - start)).reverse(), start, total };
}

async function fetchRows<K extends Kind>(
  upstream: OperationClient,
  { kind, filter }: ListRequest<K>,
  order: Order,
  { start, count }: { start: number; count: number },
  fields: readonly string[],
): Promise<{ rows: (Rows[K] | Error)[]; total: number | undefined }> {
  const plan = planPages(start, count);
  const fetchPage = (page: number) => upstream.list(kind, { filter, order, page, pageSize: plan.size, fields });
  const firstPage = await fetchPage(plan.first);
  if (isBeyondEnd(firstPage)) return { rows: [], total: undefined };
  const pages = [firstPage, ...(await readOn(firstPage, plan, fetchPage))];
  const skipped = start - (plan.first - 1) * plan.size;
  const read = pages.flatMap(({ rows }) => rows);
  return { rows: read.slice(skipped, skipped + count), total: lastTold(pages) };
}

/** Pages of one list that are asked for at the same time. */
const PAGES_AT_ONCE = 4;

/** What follows the first page of a plan: several pages at a time where the total says that they exist, up to one that is not full. */
async function readOn<Row>(
  firstPage: Page<Row>,
  { first, last, size }: PagePlan,
  fetchPage: (page: number) => Promise<Page<Row>>,
): Promise<Page<Row>[]> {
  const read: Page<Row>[] = [];
  let latest = firstPage;
  for (let page = first; page < last && mayGoOn(latest.rows.length, latest.total, { page, pageSize: size }); ) {
    const promised = latest.total === undefined ? 0 : Math.ceil(latest.total / size) - page;
    const length = Math.max(1, Math.min(PAGES_AT_ONCE, promised, last - page));
    const from = page + 1;
    const pages = await Promise.all(Array.from({ length }, (_, i) => fetchPage(from + i)));
    const short = pages.findIndex(({ rows }) => rows.length < size);
    // Rows behind a page that is not full are no part of the list as that page shows it.
    const kept = short === -1 ? pages : pages.slice(0, short + 1);
    read.push(...kept);
    latest = kept.at(-1) ?? latest;
    page += length;
  }
  return read;
}

/** A page beyond the end has neither rows nor a total (contract 3.5). */
const isBeyondEnd = ({ rows, total }: Page<unknown>): boolean => rows.length === 0 && total === undefined;

/** The total of the last page that exists: what a page that is not full tells is certain. */
const lastTold = (pages: readonly Page<unknown>[]): number | undefined =>
  pages.findLast((page) => !isBeyondEnd(page))?.total;
