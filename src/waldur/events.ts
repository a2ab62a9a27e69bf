import type { Calls } from './calls.ts';
import type { Answer } from './classify.ts';
import { isUpstreamError } from './errors.ts';
import { isBadRow, readObjects } from './read.ts';
import type { CallContext, UpstreamCaller } from './types.ts';
import { requireUuid } from './uuid.ts';

/** An entry of the event log about a resource, as it came. */
export interface EventRow {
  readonly event_type?: unknown;
  /** By Waldur's clock. */
  readonly created?: unknown;
  readonly context?: unknown;
}

export interface EventQuery {
  /** null: the log of everything, which only staff and support see. */
  readonly project: string | null;
  /** Unix seconds, inclusive; null: from the beginning. */
  readonly since: number | null;
  readonly pageSize: number;
}

const ROUTE = '/api/events/';
/** Waldur ignores the host of a scope and needs the slash at its end (contract 11.3). */
const scopeOf = (project: string): string => encodeURIComponent(`http://waldur/api/projects/${requireUuid(project)}/`);

/** What changes a snapshot or volume, or makes or removes one. */
const TYPES = [
  ...['creation', 'deletion', 'pull', 'update', 'restore', 'extend', 'attach', 'detach', 'retype', 'unlink'].flatMap(
    (action) => ['scheduled', 'succeeded', 'failed'].map((outcome) => `resource_${action}_${outcome}`),
  ),
  'resource_import_succeeded',
];
const FIXED = `${TYPES.map((type) => `event_type=${type}`).join('&')}&o=-created&field=event_type&field=context&field=created`;

/**
 * The newest entries of the event log, newest first.
 * @returns null when Waldur has no log, or refuses it.
 * @throws UpstreamError when the call failed otherwise.
 */
export async function listEvents(
  calls: Calls,
  caller: UpstreamCaller,
  { project, since, pageSize }: EventQuery,
  context: CallContext,
): Promise<readonly EventRow[] | null> {
  const scope = project === null ? '' : `scope=${scopeOf(project)}&`;
  const from = since === null ? '' : `created_from=${since}&`;
  const path = `events/?${scope}${from}${FIXED}&page_size=${pageSize}`;
  const read = (answer: Answer): readonly EventRow[] =>
    readObjects(answer).flatMap((row) => (isBadRow(row) ? [] : [row]));
  try {
    return await calls.send(caller, { method: 'GET', route: ROUTE, path }, context, read);
  } catch (error) {
    if (isUpstreamError(error) && REFUSALS.has(error.kind)) return null;
    throw error;
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['not-found', 'rejected', 'forbidden', 'malformed']);
