import { parseState, STATES, type State } from '../domain/states.ts';
import { malformed } from '../waldur/errors.ts';
import { provenTotal } from '../waldur/reads.ts';
import type { Filter, Kind } from './list-request.ts';
import type { OperationClient } from './operation-client.ts';
import { MAX_REST_PAGE } from './windows.ts';

/**
 * Numbers of objects by state, in the fewest calls. Waldur has no such count; it can sort by state.
 *
 * The first page sorted by state holds whole states and a part of one more. So does the first page in the other direction. What is on neither
 * page is between the two: usually the rest of one state, whose number follows from the total. So a list of one page takes one call, and a
 * longer one takes two. Each further state that is on neither page takes one more.
 */

/** The order of the enum in the graph. */
const SHOWN: readonly State[] = [
  'CREATION_SCHEDULED',
  'CREATING',
  'UPDATE_SCHEDULED',
  'UPDATING',
  'DELETION_SCHEDULED',
  'DELETING',
  'OK',
  'ERRED',
];

export interface StateCount {
  readonly state: State;
  /** At least 1. */
  readonly count: number;
}

export interface StateCounts {
  /** The sum of the counts. */
  readonly totalCount: number;
  /** In the order of the enum. */
  readonly counts: StateCount[];
}

/** The calls that are made. */
type Source = Pick<OperationClient, 'list' | 'count'>;
type Counted = 'snapshot' | 'volume';
type Counts = ReadonlyMap<State, number>;

const STATE_ONLY: readonly string[] = ['state'];

/** Lists may move between two calls. Then everything is counted again, this many times at most. */
const MAX_READS = 3;

/** @throws what the calls throw; UpstreamError `malformed` for a state that no known version has. */
export async function countStates(source: Source, kind: Counted, filter: Filter): Promise<StateCounts> {
  for (let read = 1; ; read++) {
    const counts = await readCounts(source, kind, filter, read > 1, read === MAX_READS);
    if (counts !== undefined) return shown(counts);
  }
}

function shown(found: Counts): StateCounts {
  const counts = SHOWN.map((state) => ({ state, count: found.get(state) ?? 0 })).filter(({ count }) => count > 0);
  return { totalCount: counts.reduce((sum, { count }) => sum + count, 0), counts };
}

/**
 * @param fresh whether nothing may come from a cache.
 * @param last whether a list that moves is counted state by state.
 * @returns undefined when the list moved between the calls.
 */
async function readCounts(
  source: Source,
  kind: Counted,
  filter: Filter,
  fresh: boolean,
  last: boolean,
): Promise<Counts | undefined> {
  const possible = statesOf(filter);
  const [lowest] = possible;
  if (lowest !== undefined && possible.length === 1) return new Map([[lowest, await source.count(kind, filter)]]);
  const end = await readEnd(source, kind, filter, 'DESC', fresh);
  const { counts, total, furthest } = end;
  if (end.rows >= total) return counts;
  if (furthest === lowest) return withRest(total, counts, furthest);
  const start = last ? undefined : await readEnd(source, kind, filter, 'ASC', fresh);
  // Without an order to rely on, each state is counted.
  if (start?.furthest === undefined || furthest === undefined) return countEach(source, kind, filter, possible);
  if (start.total !== total) return undefined;
  const from = possible.indexOf(start.furthest);
  const to = possible.indexOf(furthest);
  const whole = [
    ...[...start.counts].filter(([state]) => possible.indexOf(state) < from),
    ...[...counts].filter(([state]) => possible.indexOf(state) > to),
  ];
  const [rest, ...others] = possible.slice(from, to + 1);
  return withRest(total, new Map([...whole, ...(await countEach(source, kind, filter, others))]), rest);
}

/**
 * The counts, with that of the state that all other objects have.
 * @returns undefined when they contradict the total.
 */
function withRest(total: number, counts: Counts, rest: State | undefined): Counts | undefined {
  const others = new Map([...counts].filter(([state]) => state !== rest));
  const left = total - [...others.values()].reduce((sum, count) => sum + count, 0);
  if (rest === undefined) return left === 0 ? others : undefined;
  return left < 0 ? undefined : others.set(rest, left);
}

/** The states that the filter lets through, as Waldur sorts them. */
function statesOf({ state }: Filter): readonly State[] {
  return Array.isArray(state) ? STATES.filter((one) => state.includes(one)) : STATES;
}

async function countEach(
  source: Source,
  kind: Counted,
  filter: Filter,
  states: readonly State[],
): Promise<Map<State, number>> {
  const counted = states.map(
    async (state) => [state, await source.count(kind, { ...filter, state: [state] })] as const,
  );
  return new Map(await Promise.all(counted));
}

/** The first page of the list from one of its ends. */
interface End {
  readonly total: number;
  /** Rows of the page. */
  readonly rows: number;
  readonly counts: Map<State, number>;
  /** State of the last row; undefined when the page is not sorted as it should be. */
  readonly furthest: State | undefined;
}

async function readEnd(
  source: Source,
  kind: Kind,
  filter: Filter,
  direction: 'ASC' | 'DESC',
  fresh: boolean,
): Promise<End> {
  const order = [{ field: 'STATE', direction }] as const;
  const request = { filter, order, page: 1, pageSize: MAX_REST_PAGE, fields: STATE_ONLY };
  const { rows, total } = await source.list(kind, request, fresh);
  const proven = provenTotal(total, rows.length);
  if (proven instanceof Error) throw proven;
  const counts = new Map<State, number>();
  let furthest: State | undefined;
  let sorted = true;
  for (const row of rows) {
    const state = stateOf(row);
    if (furthest !== undefined && isBefore(state, furthest, direction)) sorted = false;
    furthest = state;
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return { total: proven, rows: rows.length, counts, furthest: sorted ? furthest : undefined };
}

const isBefore = (state: State, other: State, direction: 'ASC' | 'DESC'): boolean => {
  const distance = STATES.indexOf(state) - STATES.indexOf(other);
  return direction === 'ASC' ? distance < 0 : distance > 0;
};

function stateOf(row: object): State {
  if (row instanceof Error) throw row;
  const label = 'state' in row ? row.state : undefined;
  const state = typeof label === 'string' ? parseState(label) : undefined;
  if (state === undefined) throw malformed('an object has no known state');
  return state;
}
