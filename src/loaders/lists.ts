import { latest } from '../latest.ts';
import { TextPage } from '../waldur/reads.ts';
import type { Accepts, Rows } from './asking.ts';
import { type PagePlan, planPages } from './pages.ts';
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
  /** Whether whoever asks can make use of a page as it came; absent: it is read. Asked about each page, and before it is kept. */
  readonly accepts?: Accepts;
}

export interface ListPage<Row> {
  /** An Error stands for a row that could not be read. */
  readonly rows: (Row | Error)[];
  /** Position of the first row within the list. */
  readonly start: number;
  readonly total: number;
  /** The same rows as text, where they came alone in one page. */
  readonly text?: ListText;
}

/** Rows as they came, to be printed without being read: a JSON list of objects, let go of when the operation has been answered. */
export type ListText = Pick<TextPage<unknown>, 'text'>;

/** A page whose rows are read when somebody asks for them. */
class TextListPage<Row> implements ListPage<Row> {
  readonly start: number;
  readonly total: number;
  readonly text: ListText;
  readonly #read: () => (Row | Error)[];
  #rows: (Row | Error)[] | undefined;

  constructor(page: TextPage<Row>, { start, count }: Window, upstream: Upstream) {
    this.start = start;
    this.total = page.total;
    this.text = page;
    this.#read = () => upstream.own(page.read().slice(0, count));
    latest.listPage = this;
  }

  get rows(): (Row | Error)[] {
    this.#rows ??= this.#read();
    return this.#rows;
  }
}

/** The same list in the other direction: its first rows are the last ones of this. */
const reversed = (order: Order): Order =>
  order.map(({ field, direction }) => ({ field, direction: direction === 'ASC' ? 'DESC' : 'ASC' }));

/**
 * Fetches the rows of a window in the fewest REST pages.
 * @param count asks for the total alone; used where no page can tell it.
 */
export function fetchWindow<K extends Kind>(
  upstream: Upstream,
  request: ListRequest<K>,
  fields: readonly string[],
  count: () => Promise<number>,
): Promise<ListPage<Rows[K]>> {
  const { accepts, empty, window } = request;
  if (accepts !== undefined && !empty && window.kind === 'head' && window.count > 0) {
    const plan = planPages(window.start, window.count);
    // Rows that begin within a page, or end in another, have to be put together.
    if (plan.first === plan.last && (plan.first - 1) * plan.size === window.start) {
      return fetchText(upstream, request, plan, fields, accepts, count);
    }
  }
  return fetchWindowOfRows(upstream, request, fields, count);
}

function fetchText<K extends Kind>(
  upstream: Upstream,
  { kind, filter, order, window }: ListRequest<K>,
  { first, size }: PagePlan,
  fields: readonly string[],
  accepts: Accepts,
  count: () => Promise<number>,
): Promise<ListPage<Rows[K]>> {
  const asked = { filter, order, page: first, pageSize: size, fields };
  return upstream.listText(kind, asked, accepts).then((page): ListPage<Rows[K]> | Promise<ListPage<Rows[K]>> => {
    if (page instanceof TextPage) return new TextListPage(page, window, upstream);
    const { start } = window;
    // A page beyond the end has no total either (contract 3.5).
    if (page.total === undefined) return count().then((total) => ({ rows: [], start, total }));
    return { rows: upstream.own(page.rows.slice(0, window.count)), start, total: page.total };
  });
}

async function fetchWindowOfRows<K extends Kind>(
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
  return { rows: upstream.own(rows.slice(0, Math.max(0, total - start)).reverse()), start, total };
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
  return { rows: upstream.own(read.slice(skipped, skipped + count)), total: firstPage.total };
}
