import type { Caller } from '../auth/caller.ts';
import { parseState } from '../domain/states.ts';
import { type Failure, FetchError, type Kind, type ListFetcher, type LiveRow, type RelistPage } from '../live/index.ts';
import type { Filter } from '../loading/lists.ts';
import { OperationClient } from '../loading/operation-client.ts';
import type { WaldurClient } from '../waldur/client.ts';
import { isUpstreamError } from '../waldur/errors.ts';
import { mayGoOn } from '../waldur/paging.ts';

const OLDEST_FIRST = [{ field: 'CREATED', direction: 'ASC' } as const];
const PAGE_SIZE = 300;

/** What the live engine asks of Waldur, with one caller's credentials. */
export function createFetcher(client: WaldurClient, caller: Caller, kind: Kind): ListFetcher {
  const as = (signal: AbortSignal) => new OperationClient({ client, caller, call: { signal } });

  /** null: the list has no such page. */
  const page = async (
    filter: Filter,
    number: number,
    fields: readonly string[],
    signal: AbortSignal,
  ): Promise<RelistPage | null> => {
    const request = { filter, order: [...OLDEST_FIRST], page: number, pageSize: PAGE_SIZE, fields };
    const { rows, total } = await asked(() => as(signal).list(kind, request));
    if (rows.length === 0 && total === undefined) return null;
    return { rows: rows.flatMap(liveRow), total, listed: rows.length };
  };

  return {
    listPage: (filter, number, fields, signal) => page(filter as Filter, number, fields, signal),
    async inStates(filter, states, fields, signal) {
      const asking = { ...(filter as Filter), state: states };
      const found = new Map<string, LiveRow>();
      for (let number = 1; ; number++) {
        const answer = await page(asking, number, fields, signal);
        const before = found.size;
        for (const row of answer?.rows ?? []) found.set(row.uuid, row);
        // A page that shows nothing new ends the walk, as it ends a relist.
        if (answer === null || found.size === before) break;
        const { rows, total, listed = rows.length } = answer;
        if (!mayGoOn(listed, total, { page: number, pageSize: PAGE_SIZE })) break;
      }
      return [...found.values()];
    },
    async get(filter, uuid, fields, signal) {
      const row = await asked(() => as(signal).get(kind, uuid, fields, filter as Filter));
      if (row === null) return null;
      const [usable] = liveRow(row);
      // Not null: that would say that the object is gone.
      if (usable === undefined) throw new FetchError({ kind: 'unavailable' });
      return usable;
    },
  };
}

/**
 * A row for the engine; none for one that names no object or is in a state that no known version has, which then is as if it were not
 * in the list: the engine asks for it again before it calls it removed.
 */
export function liveRow(row: object): LiveRow[] {
  const { uuid, state } = row as { uuid?: unknown; state?: unknown };
  const known = typeof state === 'string' ? parseState(state) : undefined;
  return typeof uuid === 'string' && known !== undefined ? [{ uuid, state: known, fields: { ...row } }] : [];
}

async function asked<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw new FetchError(failureOf(error), { cause: error });
  }
}

function failureOf(error: unknown): Failure {
  if (!isUpstreamError(error)) return { kind: 'unavailable' };
  switch (error.kind) {
    case 'unauthenticated':
    case 'forbidden':
      return { kind: error.kind };
    case 'rate-limited':
      return { kind: 'rate-limited', retryAfterMs: (error.details.retryAfterSeconds ?? 1) * 1000 };
    case 'unavailable':
    case 'timeout':
    case 'busy':
    case 'not-found':
    case 'rejected':
    case 'malformed':
    case 'outcome-unknown':
    case 'aborted':
      return { kind: 'unavailable' };
  }
}
