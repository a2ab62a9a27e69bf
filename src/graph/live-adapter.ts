import type { Caller } from '../auth/caller.ts';
import { parseState } from '../domain/states.ts';
import { GatewayError } from '../errors.ts';
import {
  type EventLogReader,
  type Failure,
  FetchError,
  type Kind,
  type ListFetcher,
  LiveEnd,
  type LiveRow,
  type LoggedChange,
  type RelistPage,
} from '../live/index.ts';
import type { Filter } from '../loading/list-request.ts';
import { OperationClient } from '../loading/operation-client.ts';
import type { WaldurClient } from '../waldur/client.ts';
import { isUpstreamError } from '../waldur/errors.ts';
import type { EventRow } from '../waldur/events.ts';
import { mayGoOn } from '../waldur/paging.ts';
import { parseUuid } from '../waldur/uuid.ts';

const OLDEST_FIRST = [{ field: 'CREATED', direction: 'ASC' } as const];
const PAGE_SIZE = 300;

/** The calls that the live engine makes to Waldur, with one caller's credentials. */
export function createFetcher(client: WaldurClient, caller: Caller, kind: Kind): ListFetcher {
  const as = (signal: AbortSignal) => new OperationClient({ client, caller, call: { signal } });

  /** @returns null when the list has no such page. */
  const page = async (
    filter: Filter,
    number: number,
    fields: readonly string[],
    signal: AbortSignal,
    pageSize = PAGE_SIZE,
  ): Promise<RelistPage | null> => {
    const request = { filter, order: [...OLDEST_FIRST], page: number, pageSize, fields };
    const { rows, total } = await translated(() => as(signal).list(kind, request));
    if (rows.length === 0 && total === undefined) return null;
    return { rows: rows.flatMap(liveRow), total, listed: rows.length };
  };

  return {
    listPage: (filter, number, fields, signal) => page(filter as Filter, number, fields, signal),
    async inStates(filter, states, fields, signal) {
      const conditions = { ...(filter as Filter), state: states };
      const found = new Map<string, LiveRow>();
      for (let number = 1; ; number++) {
        const answer = await page(conditions, number, fields, signal);
        const before = found.size;
        for (const row of answer?.rows ?? []) found.set(row.uuid, row);
        // A page without new rows ends the walk, as it ends a relist.
        if (answer === null || found.size === before) break;
        const { rows, total, listed = rows.length } = answer;
        if (!mayGoOn(listed, total, { page: number, pageSize: PAGE_SIZE })) break;
      }
      return [...found.values()];
    },
    async count(filter, states, signal) {
      const answer = await page({ ...(filter as Filter), state: states }, 1, ['uuid'], signal, 1);
      return answer?.total;
    },
    async get(filter, uuid, fields, signal) {
      const row = await translated(() => as(signal).get(kind, uuid, fields, filter as Filter));
      if (row === null) return null;
      const [usable] = liveRow(row);
      // Not null, which would mean that the object is gone.
      if (usable === undefined) throw new FetchError({ kind: 'unavailable' });
      return usable;
    },
  };
}

/** Entries of the event log that one call reads. */
const EVENTS_PAGE = 300;
/** To learn Waldur's clock, the newest entries are enough. */
const EVENTS_FIRST = 10;

/** The calls to the event log, with one caller's credentials. */
export function createEventLogReader(client: WaldurClient, caller: Caller): EventLogReader {
  return {
    async projects(most, signal) {
      try {
        const { is_staff, is_support } = await client.me(caller, { signal });
        if (is_staff === true || is_support === true) return 'all';
        const query = { page: 1, pageSize: most + 1, fields: ['uuid'] };
        const { rows } = await client.related.project.list(caller, query, { signal });
        const uuids = rows.flatMap((row) => ('uuid' in row && typeof row.uuid === 'string' ? [row.uuid] : []));
        return uuids.length > most ? null : uuids;
      } catch (error) {
        const failure = failureOf(error);
        if (failure.kind === 'forbidden' || failure.kind === 'unauthenticated') return null;
        throw new FetchError(failure, { cause: error });
      }
    },
    async read(project, since, signal) {
      const pageSize = since === null ? EVENTS_FIRST : EVENTS_PAGE;
      const rows = await translated(() => client.listEvents(caller, { project, since, pageSize }, { signal }));
      if (rows === null) return null;
      const [newest] = rows;
      const newestAt = newest === undefined ? null : timeOf(newest);
      // A log of another shape is of no use.
      if (newest !== undefined && newestAt === null) return null;
      return { changes: rows.flatMap(changeIn), newest: newestAt, isFull: rows.length >= pageSize };
    },
  };
}

const KINDS: Readonly<Record<string, Kind>> = { 'OpenStack.Snapshot': 'snapshot', 'OpenStack.Volume': 'volume' };

const timeOf = ({ created }: EventRow): number | null => {
  const at = typeof created === 'string' ? Date.parse(created) : Number.NaN;
  return Number.isNaN(at) ? null : at;
};

/** The snapshot or volume that an entry names; none for entries about others. */
function changeIn(row: EventRow): LoggedChange[] {
  const { event_type: type, context } = row;
  const created = timeOf(row);
  if (typeof context !== 'object' || context === null || typeof type !== 'string' || created === null) return [];
  const { resource_type, resource_uuid, project_uuid } = context as Readonly<Record<string, unknown>>;
  const kind = typeof resource_type === 'string' ? KINDS[resource_type] : undefined;
  const uuid = typeof resource_uuid === 'string' ? parseUuid(resource_uuid) : undefined;
  if (kind === undefined || uuid === undefined) return [];
  return [{ kind, uuid, project: typeof project_uuid === 'string' ? project_uuid : null, type, created }];
}

/**
 * A row for the engine; none for a row without a uuid or with an unknown state. Such a row counts as missing from the list: the
 * engine requests the object again before it reports its removal.
 */
export function liveRow(row: object): LiveRow[] {
  const { uuid, state } = row as { uuid?: unknown; state?: unknown };
  const known = typeof state === 'string' ? parseState(state) : undefined;
  return typeof uuid === 'string' && known !== undefined ? [{ uuid, state: known, fields: { ...row } }] : [];
}

async function translated<Value>(call: () => Promise<Value>): Promise<Value> {
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

/**
 * Translates the end of a stream into an error of the closed list. Other errors are returned unchanged.
 * @param hadEvents whether the stream had sent an event, so that Waldur had accepted the caller before.
 */
export function translateEnd(error: unknown, hadEvents: boolean): unknown {
  if (!(error instanceof LiveEnd)) return error;
  const cause = { cause: error };
  switch (error.reason) {
    case 'unauthenticated':
      return new GatewayError(
        'UNAUTHENTICATED',
        hadEvents ? 'Waldur no longer accepts these credentials.' : 'Waldur does not accept these credentials.',
        {},
        cause,
      );
    case 'forbidden':
      return new GatewayError('FORBIDDEN', 'You do not have permission to do this in Waldur.', {}, cause);
    case 'not-found':
      return new GatewayError('NOT_FOUND', 'The volume does not exist, or you do not have access to it.', {}, cause);
    case 'slow-reader':
      return new GatewayError('RATE_LIMITED', 'The client did not read the events in time.', {}, cause);
  }
}
