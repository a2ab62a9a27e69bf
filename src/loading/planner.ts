import { CALL_MS, type ColumnCosts } from '../domain/costs.ts';
import { parseUuid } from '../waldur/uuid.ts';
import { type Filter, filterKey, type Kind, type Order, type Rows } from './list-request.ts';
import type { OperationClient } from './operation-client.ts';
import { MAX_REST_PAGE } from './windows.ts';

/**
 * A list that probably holds an object. Objects have several candidates, the narrowest first. A candidate may be wrong, because an
 * object may have moved; an object that is not found in the list is then requested by itself.
 */
export interface CandidateList {
  readonly filter: Filter;
  /** Length of the list, if it is known. */
  readonly total?: number;
}

/** Conditions that an object shares with the snapshots of a volume, the volume of a snapshot and the volumes restored from it. */
const SHARED_CONDITIONS = ['tenantUuid', 'tenant', 'projectUuid', 'project'] as const;

/** The part of a list's filter that also holds for objects related to its rows; undefined when there is none. */
export function sharedConditions(filter: Filter): Filter | undefined {
  const shared = SHARED_CONDITIONS.flatMap((name) => {
    const value = filter[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return shared.length === 0 ? undefined : Object.fromEntries(shared);
}

/** Candidate lists for objects related to a row, from columns that the row happens to have. */
export function candidatesFromRow(row: object): CandidateList[] {
  const { tenant_uuid: tenantUuid, project_uuid: projectUuid } = row as {
    tenant_uuid?: unknown;
    project_uuid?: unknown;
  };
  // Anything but a uuid would be refused as a filter that the client has set.
  if (isUuid(tenantUuid)) return [{ filter: { tenantUuid } }];
  return isUuid(projectUuid) ? [{ filter: { projectUuid } }] : [];
}

const isUuid = (value: unknown): value is string => typeof value === 'string' && parseUuid(value) !== undefined;

/** A decision about objects of one kind that were missing at the same time. */
export interface Decision {
  readonly missing: Kind | 'snapshots of volumes';
  readonly keys: number;
  /** `each`: one call for each key. `list`: pages of a list that holds them. */
  readonly way: 'each' | 'list';
  /** The list that was considered. */
  readonly filter: Filter;
  /** Its length, if it was known. */
  readonly total: number | undefined;
  /** Estimated cost of each way for Waldur, in ms. */
  readonly eachMs: number;
  readonly listMs: number;
}

/** The facts that a decision depends on. */
interface Choice {
  readonly keys: number;
  /** Cost of the row of one object requested by itself, without the call. */
  readonly rowMs: number;
  /** Rows that the call for one key returns. */
  readonly rowsEach: number;
  /** Cost of one row of the list. */
  readonly listRowMs: number;
  readonly total: number | undefined;
  /** Rows of the list that have been read already. */
  readonly read: number;
}

export type Way = 'each' | 'list' | 'count';

/** Counting a list of unknown length is one more call. It is worth it only for many keys, and if it may save 40 % of their cost. */
const WORTH_COUNTING = 0.6;
const MANY_KEYS = 4;

export const estimateEach = ({ keys, rowMs, rowsEach }: Choice): number => keys * (CALL_MS + rowsEach * rowMs);

/** A list of unknown length is assumed to be one full page. */
export function estimateList({ listRowMs, total = MAX_REST_PAGE, read }: Choice): number {
  const rows = Math.max(0, total - read);
  return Math.ceil(rows / MAX_REST_PAGE) * CALL_MS + rows * listRowMs;
}

/**
 * Chooses between one call for each key and pages of a list. It compares what each way costs Waldur: Waldur serves the calls of one
 * user one after another (contract 2.0), so concurrent calls cost their sum.
 */
export function choose(choice: Choice): Way {
  if (choice.keys < 2) return 'each';
  const each = estimateEach(choice);
  if (estimateList(choice) <= each) return 'list';
  if (choice.total !== undefined || choice.keys < MANY_KEYS) return 'each';
  // In the best case the list holds the missing objects and nothing else.
  const best = CALL_MS + estimateList({ ...choice, total: choice.keys * choice.rowsEach });
  return best <= each * WORTH_COUNTING ? 'count' : 'each';
}

/** Order for reading a list page by page: the one that changes least while rows come and go (contract 3.4). */
export const OLDEST_FIRST: Order = [{ field: 'CREATED', direction: 'ASC' }];

/** Keys that share a candidate list. */
interface Group {
  readonly uuids: string[];
  readonly filter: Filter;
  readonly total: number | undefined;
}

const ALL_OBJECTS: CandidateList = { filter: {} };

/** With more groups than this, the next wider candidates are used: too many lists would be read. */
const maxGroups = (keys: number): number => Math.max(2, Math.floor(keys / 8));

/** The calls that a planner makes. */
export type Source = Pick<OperationClient, 'get' | 'list' | 'count' | 'lastTotal'>;

/** Finds objects by uuid with the fewest and cheapest calls that can be foreseen. */
export class Planner {
  /** All decisions of this operation, in order. */
  readonly decisions: Decision[] = [];
  readonly costs: ColumnCosts;
  readonly #source: Source;

  constructor(source: Source, costs: ColumnCosts) {
    this.#source = source;
    this.costs = costs;
  }

  /**
   * The row of each uuid: null where it does not exist or the caller may not see it, an Error where it could not be read.
   * @param candidatesOf lists that probably hold an object, the narrowest first.
   */
  async find<K extends Kind>(
    kind: K,
    uuids: readonly string[],
    fields: readonly string[],
    candidatesOf: (uuid: string) => readonly CandidateList[],
  ): Promise<Map<string, Rows[K] | null | Error>> {
    const found = new Map<string, Rows[K] | null | Error>();
    // For a single object there is nothing to decide.
    if (uuids.length < 2) await this.#getEach(kind, uuids, fields, found);
    else {
      const groups = groupByCandidate(uuids, candidatesOf);
      await Promise.all(groups.map((group) => this.#findGroup(kind, group, fields, found)));
    }
    return found;
  }

  /** Length of a list, if it is known without a call. */
  lastTotal(kind: Kind, filter: Filter): number | undefined {
    return this.#source.lastTotal(kind, filter);
  }

  /** Decides, and records the decision. The list is counted first where that may pay off. */
  async decide(missing: Decision['missing'], kind: Kind, filter: Filter, choice: Choice): Promise<'each' | 'list'> {
    const way = choose(choice);
    if (way === 'count') {
      const total = await settled(this.#source.count(kind, filter));
      if (typeof total === 'number') return this.decide(missing, kind, filter, { ...choice, total });
    }
    const decided = way === 'list' ? 'list' : 'each';
    this.#record(missing, filter, choice, decided);
    return decided;
  }

  #record(missing: Decision['missing'], filter: Filter, choice: Choice, way: 'each' | 'list'): void {
    const { keys, total } = choice;
    const estimates = { eachMs: estimateEach(choice), listMs: estimateList(choice) };
    this.decisions.push({ missing, keys, way, filter, total, ...estimates });
  }

  async #findGroup<K extends Kind>(
    kind: K,
    { uuids, filter, total }: Group,
    fields: readonly string[],
    found: Map<string, Rows[K] | null | Error>,
  ): Promise<void> {
    const rowMs = this.costs.rowMs(fields);
    const known = total ?? this.#source.lastTotal(kind, filter);
    const choice: Choice = { keys: uuids.length, rowMs, rowsEach: 1, listRowMs: rowMs, total: known, read: 0 };
    const way = await this.decide(kind, kind, filter, choice);
    const missing = way === 'each' ? uuids : await this.#findInList(kind, filter, uuids, fields, found);
    await this.#getEach(kind, missing, fields, found);
  }

  async #getEach<K extends Kind>(
    kind: K,
    uuids: readonly string[],
    fields: readonly string[],
    found: Map<string, Rows[K] | null | Error>,
  ): Promise<void> {
    await Promise.all(uuids.map(async (uuid) => found.set(uuid, await settled(this.#source.get(kind, uuid, fields)))));
  }

  /**
   * Reads a list until everything is found, or until single calls are cheaper for the rest.
   * @returns the uuids that must be requested one by one.
   */
  async #findInList<K extends Kind>(
    kind: K,
    filter: Filter,
    uuids: readonly string[],
    fields: readonly string[],
    found: Map<string, Rows[K] | null | Error>,
  ): Promise<readonly string[]> {
    const missing = new Set(uuids);
    const rowMs = this.costs.rowMs(fields);
    /** Fixed by the first page: a list that grows while it is read does not prolong the walk. */
    let last: number | undefined;
    for (let page = 1; ; page++) {
      const request = { filter, order: OLDEST_FIRST, page, pageSize: MAX_REST_PAGE, fields };
      const answer = await settled(this.#source.list(kind, request));
      if (answer instanceof Error) {
        for (const uuid of missing) found.set(uuid, answer);
        return [];
      }
      for (const row of answer.rows) {
        if (row instanceof Error || typeof row.uuid !== 'string' || !missing.delete(row.uuid)) continue;
        found.set(row.uuid, row);
      }
      const read = page * MAX_REST_PAGE;
      const { total } = answer;
      if (missing.size === 0) return [];
      const shown = read - MAX_REST_PAGE + answer.rows.length;
      // The length of the list is unknown: the page is beyond the end, or its total is impossible.
      if (total === undefined || total < shown) return [...missing];
      last ??= Math.ceil(total / MAX_REST_PAGE);
      if (read >= total) return this.#afterLastPage([...missing], filter, page, found);
      const choice: Choice = { keys: missing.size, rowMs, rowsEach: 1, listRowMs: rowMs, total, read };
      if (page >= last || choose(choice) !== 'list') {
        this.#record(kind, filter, choice, 'each');
        return [...missing];
      }
    }
  }

  /**
   * Handles objects that the whole list did not hold. They do not exist for the caller if the list was one page of all objects.
   * Otherwise rows may have moved between pages, or the candidate list was wrong.
   */
  #afterLastPage<Row>(
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

/** Groups keys by their narrowest candidates, or by wider ones where the narrow ones are too many lists. */
function groupByCandidate(uuids: readonly string[], candidatesOf: (uuid: string) => readonly CandidateList[]): Group[] {
  const candidates = uuids.map(candidatesOf);
  const levels = Math.max(0, ...candidates.map(({ length }) => length));
  for (let level = 0; level < levels; level++) {
    const groups = new Map<string, Group>();
    for (const [i, uuid] of uuids.entries()) {
      const { filter, total } = candidates[i]?.[level] ?? candidates[i]?.at(-1) ?? ALL_OBJECTS;
      const key = filterKey(filter);
      const group = groups.get(key) ?? { uuids: [], filter, total };
      group.uuids.push(uuid);
      groups.set(key, group);
    }
    if (groups.size <= maxGroups(uuids.length)) return [...groups.values()];
  }
  return [{ uuids: [...uuids], ...ALL_OBJECTS, total: undefined }];
}

/** The value, or the error that a promise rejected with. */
export const settled = <Value>(promise: Promise<Value>): Promise<Value | Error> =>
  promise.catch((reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason))));
