import type { Page } from '../waldur/reads.ts';

/**
 * Reads of several pages of one list as if they were one. REST pages are numbered, so a row that appears or disappears between the reads of
 * two pages shifts the later ones: a row occurs on two pages, or on none. Such pages are read again.
 *
 * One case shows in neither counts nor rows: between two reads, a row before the boundary is removed and another one is inserted after it.
 */

/** Reads of the same pages, at most. A list that moves faster is put together from all of them. */
const MAX_READS = 3;

type Item<Row> = Row | Error;

export interface ConsistentRows<Row> {
  /** The rows of all pages in order. No uuid occurs on two pages. */
  readonly rows: readonly Item<Row>[];
  /** The pages of the last read. */
  readonly pages: readonly Page<Row>[];
  /** False when the list moved during every read. The rows are then those that any of the reads has shown. */
  readonly consistent: boolean;
}

/**
 * Reads pages until none of them contradicts another.
 * @param start position of the first row of the first page within the list.
 * @param read reads consecutive pages, in order. With `fresh` nothing may come from a cache: one page from there would contradict the others
 * each time.
 */
export async function readConsistently<Row extends object>(
  start: number,
  read: (fresh: boolean) => Promise<readonly Page<Row>[]>,
): Promise<ConsistentRows<Row>> {
  const before: (readonly Item<Row>[])[] = [];
  for (;;) {
    const pages = await read(before.length > 0);
    const rows = pages.flatMap((page) => page.rows);
    // Waldur reads one page at once.
    if (pages.length < 2) return { rows, pages, consistent: true };
    const distinct = withoutRepeats(rows);
    // The same rows twice in a row do not move, whatever the counts say.
    const consistent =
      (distinct.length === rows.length && agree(pages, start + rows.length)) || sameRows(rows, before.at(-1));
    if (consistent) return { rows: distinct, pages, consistent };
    before.push(rows);
    if (before.length === MAX_READS) return { rows: before.reduce(merge), pages, consistent };
  }
}

/** undefined for a row that could not be read, or has none. */
const uuidOf = (row: object): string | undefined =>
  'uuid' in row && typeof row.uuid === 'string' ? row.uuid : undefined;

/**
 * Whether the pages count the list alike.
 * @param end position after the last row. Where the last page does not exist, the list ends there.
 */
function agree(pages: readonly Page<unknown>[], end: number): boolean {
  const [count, ...others] = new Set(pages.flatMap(({ counted }) => counted ?? []));
  const isWhole = pages.at(-1)?.rows.length === 0;
  return others.length === 0 && (count === undefined || !isWhole || count <= end);
}

/** Rows without a uuid are never repeats. */
function withoutRepeats<Row extends object>(rows: readonly Item<Row>[]): Item<Row>[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const uuid = uuidOf(row);
    if (uuid === undefined) return true;
    const isNew = !seen.has(uuid);
    seen.add(uuid);
    return isNew;
  });
}

const sameRows = (rows: readonly object[], others: readonly object[] | undefined): boolean =>
  others !== undefined && rows.length === others.length && rows.every((row, i) => sameRow(row, others[i]));

const sameRow = (row: object, other: object | undefined): boolean =>
  other !== undefined && uuidOf(row) === uuidOf(other);

/** The rows of a later read. Those that only the earlier one has shown come after the rows that they followed there. */
function merge<Row extends object>(earlier: readonly Item<Row>[], later: readonly Item<Row>[]): readonly Item<Row>[] {
  const shown = new Set(later.map(uuidOf));
  const before: Item<Row>[] = [];
  const after = new Map<string, Item<Row>[]>();
  let missing = before;
  for (const row of withoutRepeats(earlier)) {
    const uuid = uuidOf(row);
    if (uuid === undefined) continue;
    if (!shown.has(uuid)) {
      missing.push(row);
      continue;
    }
    missing = [];
    after.set(uuid, missing);
  }
  const rows = withoutRepeats(later).flatMap((row) => [row, ...(after.get(uuidOf(row) ?? '') ?? [])]);
  return [...before, ...rows];
}
