import { mayGoOn } from '../waldur/paging.ts';
import { type Page, provenTotal } from '../waldur/reads.ts';
import { readConsistently } from './consistent-pages.ts';
import {
  type Kind,
  type ListPage,
  type ListRequest,
  type Order,
  type PageRequest,
  type Rows,
  startOf,
} from './list-request.ts';

/** REST pages hold at most this many rows, whatever is requested (contract 3.5). */
export const MAX_REST_PAGE = 300;

/** Pages of one list that are requested at the same time. */
const CONCURRENT_PAGES = 4;

/** A way to cover rows with numbered pages: pages `first` to `last` of `size` rows each, numbered from 1. */
export interface PagePlan {
  readonly size: number;
  readonly first: number;
  readonly last: number;
}

/** What a window needs of the client. */
export interface PageSource {
  /** @param fresh whether nothing may come from a cache. */
  list<K extends Kind>(kind: K, request: PageRequest, fresh?: boolean): Promise<Page<Rows[K]>>;
}

/**
 * Covers the rows `start` to `start + count - 1` with the fewest pages, and among those with the fewest rows. Example: no page of
 * 20 begins at row 30, but page 2 of 30 rows holds rows 30 to 49, so one call is enough.
 * @param count at least 1.
 */
export function planPages(start: number, count: number): PagePlan {
  if (start === 0 && count <= MAX_REST_PAGE) return { size: count, first: 1, last: 1 };
  let best: PagePlan | undefined;
  let bestPages = Number.POSITIVE_INFINITY;
  let bestRows = Number.POSITIVE_INFINITY;
  for (let size = 1; size <= MAX_REST_PAGE; size++) {
    const first = Math.floor(start / size);
    const last = Math.floor((start + count - 1) / size);
    const pages = last - first + 1;
    if (pages < bestPages || (pages === bestPages && pages * size < bestRows)) {
      best = { size, first: first + 1, last: last + 1 };
      bestPages = pages;
      bestRows = pages * size;
    }
  }
  if (best === undefined) throw new RangeError('no page size to choose from');
  return best;
}

/** The same list in the other direction: its first rows are the last rows of this one. */
const reversed = (order: Order): Order =>
  order.map(({ field, direction }) => ({ field, direction: direction === 'ASC' ? 'DESC' : 'ASC' }));

/**
 * Fetches the rows of a window in the fewest REST pages.
 * @param count requests the total alone. It is called when no page can tell the total.
 */
export async function fetchWindow<K extends Kind>(
  source: PageSource,
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
    const { rows, total } = await fetchRows(source, request, order, window, fields);
    const { start } = window;
    if (rows.length > 0) return { rows, start, total: provenTotal(total, start + rows.length) };
    return { rows, start, total: total ?? (await count()) };
  }
  // The total arrives with the rows, so the tail is read as the head of the reversed list.
  const fromEnd = { start: 0, count: window.count };
  const { rows, total: reported } = await fetchRows(source, request, reversed(order), fromEnd, fields);
  const total = rows.length === 0 ? 0 : provenTotal(reported, rows.length);
  // The positions of the rows, and so their cursors, follow from the total.
  if (total instanceof Error) throw total;
  const start = startOf({ ...window, count: rows.length }, total);
  return { rows: rows.slice(0, Math.max(0, total - start)).reverse(), start, total };
}

async function fetchRows<K extends Kind>(
  source: PageSource,
  { kind, filter }: ListRequest<K>,
  order: Order,
  { start, count }: { start: number; count: number },
  fields: readonly string[],
): Promise<{ rows: (Rows[K] | Error)[]; total: number | undefined }> {
  const plan = planPages(start, count);
  const from = (plan.first - 1) * plan.size;
  const found = await readConsistently(from, async (fresh) => {
    const fetchPage = (page: number) => source.list(kind, { filter, order, page, pageSize: plan.size, fields }, fresh);
    const firstPage = await fetchPage(plan.first);
    return isBeyondEnd(firstPage) ? [] : [firstPage, ...(await fetchRest(firstPage, plan, fetchPage))];
  });
  const rows = found.rows.slice(start - from, start - from + count);
  const total = lastTotal(found.pages);
  // The total of a list that moved all the time is that of the last page alone.
  return { rows, total: total !== undefined && !found.consistent ? Math.max(total, start + rows.length) : total };
}

/** Fetches the pages after the first one, several at a time where the total says that they exist, up to the first short page. */
async function fetchRest<Row>(
  firstPage: Page<Row>,
  { first, last, size }: PagePlan,
  fetchPage: (page: number) => Promise<Page<Row>>,
): Promise<Page<Row>[]> {
  const fetched: Page<Row>[] = [];
  let latest = firstPage;
  for (let page = first; page < last && mayGoOn(latest.rows.length, latest.total, { page, pageSize: size }); ) {
    const remaining = latest.total === undefined ? 0 : Math.ceil(latest.total / size) - page;
    const length = Math.max(1, Math.min(CONCURRENT_PAGES, remaining, last - page));
    const from = page + 1;
    const pages = await Promise.all(Array.from({ length }, (_, i) => fetchPage(from + i)));
    const short = pages.findIndex(({ rows }) => rows.length < size);
    // Rows behind a short page do not belong to the list as that page shows it.
    const valid = short === -1 ? pages : pages.slice(0, short + 1);
    fetched.push(...valid);
    latest = valid.at(-1) ?? latest;
    page += length;
  }
  return fetched;
}

/** A page beyond the end has neither rows nor a total (contract 3.5). */
const isBeyondEnd = ({ rows, total }: Page<unknown>): boolean => rows.length === 0 && total === undefined;

/** The total of the last page that exists. A short page proves its total. */
const lastTotal = (pages: readonly Page<unknown>[]): number | undefined =>
  pages.findLast((page) => !isBeyondEnd(page))?.total;
