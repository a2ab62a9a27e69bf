/** REST pages hold at most this many rows, whatever is asked (contract 3.5). */
export const MAX_REST_PAGE = 300;

/** A way to cover rows with numbered pages: pages `first` to `last` of `size` rows each, numbered from 1. */
export interface PagePlan {
  readonly size: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Covers the rows `start` to `start + count - 1` with the fewest pages, and among those with the fewest rows. A page of 20 rows
 * from 30 on is no multiple of anything, but page 2 of 30 holds it, so one call does.
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
