import { CALL_MS, rowMs } from '../domain/costs.ts';
import { filterText } from './cache-keys.ts';
import type { Hint } from './hints.ts';
import type { Filter, Kind, Order } from './lists.ts';
import type { OperationClient } from './operation-client.ts';
import { MAX_REST_PAGE } from './pages.ts';
import type { Rows } from './request-options.ts';

/** What was decided for a number of objects of one kind that were missing at the same time. */
export interface Decision {
  readonly missing: 'snapshot' | 'volume' | 'snapshots of volumes';
  readonly keys: number;
  /** `each`: a call for every key. `list`: pages of a list that holds them. */
  readonly way: 'each' | 'list';
  /** The list that was weighed against a call for every key. */
  readonly filter: Filter;
  /** Its length, where it was known when this was decided. */
  readonly total: number | undefined;
  /** What either way was thought to cost Waldur, in ms. */
  readonly eachMs: number;
  readonly listMs: number;
}

/** What is weighed. */
interface Choice {
  readonly keys: number;
  /** Of one object asked for by itself, without the call. */
  readonly rowMs: number;
  /** Rows that a call for a key brings. */
  readonly rowsEach: number;
  /** Of one row of the list. */
  readonly listRowMs: number;
  readonly total: number | undefined;
  /** Rows of the list that have been read already. */
  readonly read: number;
}

export type Way = 'each' | 'list' | 'count';

/** A list whose length is unknown is counted first only when that may save this part of many calls: it is one call more. */
const WORTH_COUNTING = 0.6;
const SEVERAL_KEYS = 4;

export const estimateEach = ({ keys, rowMs: row, rowsEach }: Choice): number => keys * (CALL_MS + rowsEach * row);

/** Of an unknown list the first page, which may be full. */
export function estimateList({ listRowMs, total = MAX_REST_PAGE, read }: Choice): number {
  const rows = Math.max(0, total - read);
  return Math.ceil(rows / MAX_REST_PAGE) * CALL_MS + rows * listRowMs;
}

/**
 * A call for every key, or pages of a list until all are found? By what either costs Waldur, which answers the calls of one user one
 * after another (contract 2.0), so that calls at the same time cost their sum.
 */
export function choose(choice: Choice): Way {
  if (choice.keys < 2) return 'each';
  const each = estimateEach(choice);
  if (estimateList(choice) <= each) return 'list';
  if (choice.total !== undefined || choice.keys < SEVERAL_KEYS) return 'each';
  // At best the list holds what is missing and nothing else.
  const atBest = CALL_MS + estimateList({ ...choice, total: choice.keys * choice.rowsEach });
  return atBest <= each * WORTH_COUNTING ? 'count' : 'each';
}

/** The order in which a list is read through: the nearest to one that stands still while rows come and go (contract 3.4). */
export const OLDEST_FIRST: Order = [{ field: 'CREATED', direction: 'ASC' }];

/** Keys that share a hint are looked for together. */
interface Group {
  readonly uuids: string[];
  readonly filter: Filter;
  readonly total: number | undefined;
}

const EVERYTHING: Hint = { filter: {} };

/** More groups than this are too many lists; then the next wider hint is tried. */
const mostGroups = (keys: number): number => Math.max(2, Math.floor(keys / 8));

/** What a planner asks. */
export type Source = Pick<OperationClient, 'get' | 'list' | 'count' | 'lastTotal'>;

/** Finds objects by uuid in the fewest and cheapest calls that can be foreseen. */
export class Planner {
  /** Everything decided in this operation, in order. */
  readonly decisions: Decision[] = [];
  readonly #upstream: Source;

  constructor(upstream: Source) {
    this.#upstream = upstream;
  }

  /**
   * The row of each uuid: null where it does not exist or may not be seen, an Error where it could not be read.
   * @param hintsOf lists that hold an object, the narrowest first.
   */
  async find<K extends Kind>(
    kind: K,
    uuids: readonly string[],
    fields: readonly string[],
    hintsOf: (uuid: string) => readonly Hint[],
  ): Promise<Map<string, Rows[K] | null | Error>> {
    const found = new Map<string, Rows[K] | null | Error>();
    const groups = groupsOf(uuids, hintsOf);
    await Promise.all(groups.map((group) => this.#findGroup(kind, group, fields, found)));
    return found;
  }

  /** One object, with nothing to plan. */
  get<K extends Kind>(kind: K, uuid: string, fields: readonly string[]): Promise<Rows[K] | null> {
    return this.#upstream.get(kind, uuid, fields);
  }

  /** How long a list is, if that can be known without asking. */
  lastTotal(kind: Kind, filter: Filter): number | undefined {
    return this.#upstream.lastTotal(kind, filter);
  }

  async #findGroup<K extends Kind>(
    kind: K,
    { uuids, filter, total }: Group,
    fields: readonly string[],
    found: Map<string, Rows[K] | null | Error>,
  ): Promise<void> {
    const row = rowMs(fields);
    const known = total ?? this.#upstream.lastTotal(kind, filter);
    const choice: Choice = { keys: uuids.length, rowMs: row, rowsEach: 1, listRowMs: row, total: known, read: 0 };
    const way = await this.#decide(kind, kind, filter, choice);
    const missing = way === 'each' ? uuids : await this.#list(kind, filter, uuids, fields, found);
    await Promise.all(
      missing.map(async (uuid) => found.set(uuid, await settled(this.#upstream.get(kind, uuid, fields)))),
    );
  }

  /** Decides and remembers why; counts the list first where that may pay. */
  async #decide(what: Decision['missing'], kind: Kind, filter: Filter, choice: Choice): Promise<'each' | 'list'> {
    const way = choose(choice);
    if (way === 'count') {
      const total = await settled(this.#upstream.count(kind, filter));
      if (typeof total === 'number') return this.#decide(what, kind, filter, { ...choice, total });
    }
    const decided = way === 'list' ? 'list' : 'each';
    this.decided(what, filter, choice, decided);
    return decided;
  }

  /** For the log of decisions. */
  decided(missing: Decision['missing'], filter: Filter, choice: Choice, way: 'each' | 'list'): void {
    const { keys, total } = choice;
    this.decisions.push({
      missing,
      keys,
      way,
      filter,
      total,
      eachMs: estimateEach(choice),
      listMs: estimateList(choice),
    });
  }

  /** As `find` decides, for other things than objects by uuid. */
  decide(what: Decision['missing'], kind: Kind, filter: Filter, choice: Choice): Promise<'each' | 'list'> {
    return this.#decide(what, kind, filter, choice);
  }

  /**
   * Reads a list until everything is found or the rest is cheaper one by one.
   * @returns what must be asked for by itself.
   */
  async #list<K extends Kind>(
    kind: K,
    filter: Filter,
    uuids: readonly string[],
    fields: readonly string[],
    found: Map<string, Rows[K] | null | Error>,
  ): Promise<readonly string[]> {
    const missing = new Set(uuids);
    const row = rowMs(fields);
    /** As the first page said: a list that grows while it is read makes the walk no longer. */
    let last: number | undefined;
    for (let page = 1; ; page++) {
      const asking = { filter, order: OLDEST_FIRST, page, pageSize: MAX_REST_PAGE, fields };
      const answer = await settled(this.#upstream.list(kind, asking));
      if (answer instanceof Error) {
        for (const uuid of missing) found.set(uuid, answer);
        return [];
      }
      for (const one of answer.rows) {
        if (one instanceof Error || typeof one.uuid !== 'string' || !missing.delete(one.uuid)) continue;
        found.set(one.uuid, one);
      }
      const read = page * MAX_REST_PAGE;
      const { total } = answer;
      if (missing.size === 0) return [];
      const shown = read - MAX_REST_PAGE + answer.rows.length;
      // Nothing tells how long the list is: the page is beyond its end, or the total cannot be true.
      if (total === undefined || total < shown) return [...missing];
      last ??= Math.ceil(total / MAX_REST_PAGE);
      if (read >= total) return this.#absent([...missing], filter, page, found);
      const choice: Choice = { keys: missing.size, rowMs: row, rowsEach: 1, listRowMs: row, total, read };
      if (page >= last || choose(choice) !== 'list') {
        this.decided(kind, filter, choice, 'each');
        return [...missing];
      }
    }
  }

  /** What one page of everything does not hold may not be seen. Several pages may have shifted, and a hint may be wrong. */
  #absent<Row>(
    uuids: readonly string[],
    filter: Filter,
    pages: number,
    found: Map<string, Row | null | Error>,
  ): readonly string[] {
    if (pages > 1 || Object.keys(filter).length > 0) return uuids;
    for (const uuid of uuids) found.set(uuid, null);
    return [];
  }
}

/** Groups keys by their narrowest hints, or wider ones where the narrow make too many lists. */
function groupsOf(uuids: readonly string[], hintsOf: (uuid: string) => readonly Hint[]): Group[] {
  const hints = uuids.map(hintsOf);
  const widest = Math.max(0, ...hints.map(({ length }) => length));
  for (let level = 0; level < widest; level++) {
    const groups = new Map<string, Group>();
    for (const [i, uuid] of uuids.entries()) {
      const { filter, total } = hints[i]?.[level] ?? hints[i]?.at(-1) ?? EVERYTHING;
      const key = filterText(filter);
      const group = groups.get(key) ?? { uuids: [], filter, total };
      group.uuids.push(uuid);
      groups.set(key, group);
    }
    if (groups.size <= mostGroups(uuids.length)) return [...groups.values()];
  }
  return [{ uuids: [...uuids], filter: {}, total: undefined }];
}

/** The value, or what it failed with. */
export const settled = <Value>(loading: Promise<Value>): Promise<Value | Error> => loading.catch(errorOf);

export const errorOf = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
