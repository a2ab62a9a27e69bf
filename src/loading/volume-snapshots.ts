import type { Page } from '../waldur/reads.ts';
import { uuidFromUrl } from '../waldur/uuid.ts';
import { readConsistently } from './consistent-pages.ts';
import {
  type Filter,
  filterKey,
  type ListPage,
  type ListRequest,
  type Rows,
  startOf,
  type Window,
} from './list-request.ts';
import type { OperationClient } from './operation-client.ts';
import { type CandidateList, type Planner, settled } from './planner.ts';
import { fetchWindow, MAX_REST_PAGE } from './windows.ts';

/** The volume whose snapshots are requested. */
export interface ParentVolume {
  /** Equals `filter.sourceVolumeUuid`. */
  readonly volumeUuid: string;
  /** Lists that hold the volume's snapshots among others. */
  readonly candidates: readonly CandidateList[];
}

/** The snapshots of one volume, requested at the same time as those of other volumes. */
export interface VolumeSnapshotsRequest extends ListRequest<'snapshot'> {
  readonly parent: ParentVolume;
}

type Row = Rows['snapshot'] | Error;
type Result = ListPage<Rows['snapshot']> | Error;

/** Assumed maximum number of snapshots of a volume, for windows that would hold more. */
const ASSUMED_SNAPSHOTS = 10;

/**
 * Loads the snapshots of many volumes, whichever way is cheaper: one list of all their snapshots, which is then split by volume, or
 * one list for each volume.
 * @param fields the columns of each snapshot.
 * @returns the results by the filter object of the request. Each request has its own filter object.
 */
export async function loadVolumeSnapshots(
  client: OperationClient,
  planner: Planner,
  requests: readonly VolumeSnapshotsRequest[],
  fields: readonly string[],
): Promise<Map<Filter, Result>> {
  const results = new Map<Filter, Result>();
  await Promise.all(
    groupByShape(requests).map(async (group) => {
      for (const [{ filter }, result] of await loadGroup(client, planner, group, fields)) results.set(filter, result);
    }),
  );
  return results;
}

/** Groups requests that differ in their volume alone. */
function groupByShape(requests: readonly VolumeSnapshotsRequest[]): VolumeSnapshotsRequest[][] {
  const groups = new Map<string, VolumeSnapshotsRequest[]>();
  for (const request of requests) {
    const { parent, order, window } = request;
    const key = JSON.stringify([filterKey(withoutVolume(request)), order, window, parent.candidates]);
    const group = groups.get(key) ?? [];
    group.push(request);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The conditions of a request except the one on the volume. */
function withoutVolume({ filter }: VolumeSnapshotsRequest): Filter {
  const { sourceVolumeUuid: _, ...rest } = filter;
  return rest;
}

async function loadGroup(
  client: OperationClient,
  planner: Planner,
  group: readonly VolumeSnapshotsRequest[],
  fields: readonly string[],
): Promise<[VolumeSnapshotsRequest, Result][]> {
  const [first] = group;
  if (first === undefined) return [];
  if (group.length > 1) {
    const resultOf = await loadCommonList(client, planner, first, group, fields);
    if (resultOf !== undefined) return group.map((request) => [request, resultOf(request)]);
  }
  return Promise.all(
    group.map(async (request): Promise<[VolumeSnapshotsRequest, Result]> => {
      const count = () => client.count('snapshot', request.filter);
      return [request, await settled(fetchWindow(client, request, fields, count))];
    }),
  );
}

/**
 * Reads one list that holds the snapshots of all the volumes.
 * @returns the function that cuts the result of a request out of the list; undefined when each volume's list must be read.
 */
async function loadCommonList(
  client: OperationClient,
  planner: Planner,
  first: VolumeSnapshotsRequest,
  group: readonly VolumeSnapshotsRequest[],
  fields: readonly string[],
): Promise<((request: VolumeSnapshotsRequest) => Result) | undefined> {
  // A snapshot of a known uuid is one call, whatever its volume. Volume by volume it would be one call for each.
  const isOne = first.filter.uuid !== undefined;
  const filter: Filter = { ...(isOne ? {} : first.parent.candidates[0]?.filter), ...withoutVolume(first) };
  // For counting, only the columns that identify the volume are needed.
  const columns = first.window.count === 0 ? COUNTED_COLUMNS : withSourceVolume(fields);
  const choice = {
    keys: group.length,
    rowMs: planner.costs.rowMs(fields),
    rowsEach: Math.min(ASSUMED_SNAPSHOTS, first.window.count),
    listRowMs: planner.costs.rowMs(columns),
    total: planner.lastTotal('snapshot', filter),
    read: 0,
  };
  if (!isOne && (await planner.decide('snapshots of volumes', 'snapshot', filter, choice)) === 'each') return undefined;
  const fetchPage = (page: number, fresh = false) =>
    client.list('snapshot', { filter, order: first.order, page, pageSize: MAX_REST_PAGE, fields: columns }, fresh);
  const firstPage = await settled(fetchPage(1));
  if (firstPage instanceof Error) return () => firstPage;
  const { total } = firstPage;
  // Without a total the list may be incomplete.
  if (total === undefined) return undefined;
  if (pagesAfter(firstPage) > 0) {
    const known = { ...choice, total, read: MAX_REST_PAGE };
    if ((await planner.decide('snapshots of volumes', 'snapshot', filter, known)) === 'each') return undefined;
  }
  const list = await settled(
    readConsistently(0, async (fresh) => {
      const start = fresh ? await fetchPage(1, fresh) : firstPage;
      const numbers = Array.from({ length: pagesAfter(start) }, (_, i) => i + 2);
      return [start, ...(await Promise.all(numbers.map((page) => fetchPage(page, fresh))))];
    }),
  );
  if (list instanceof Error) return () => list;
  const byVolume = groupByVolume(list.rows);
  // A list that moved all the time has no length to compare with. Otherwise a wrong one means that rows may be missing.
  const isWhole = !list.consistent || list.rows.length === list.pages[0]?.total;
  return isWhole && byVolume ? ({ parent, window }) => cut(byVolume.get(parent.volumeUuid) ?? [], window) : undefined;
}

/** Number of pages after the first one, as it counts them. */
const pagesAfter = ({ rows, total }: Page<Rows['snapshot']>): number =>
  rows.length < MAX_REST_PAGE || total === undefined ? 0 : Math.max(0, Math.ceil(total / MAX_REST_PAGE) - 1);

const COUNTED_COLUMNS: readonly string[] = ['source_volume', 'uuid'];

const withSourceVolume = (fields: readonly string[]): readonly string[] =>
  fields.includes('source_volume') ? fields : [...fields, 'source_volume'].sort();

/** @returns undefined when a row could not be read. */
function groupByVolume(rows: readonly Row[]): Map<string, Rows['snapshot'][]> | undefined {
  const byVolume = new Map<string, Rows['snapshot'][]>();
  for (const row of rows) {
    if (row instanceof Error || typeof row.uuid !== 'string') return undefined;
    // The volume is gone, so it is none of the requested ones.
    if (typeof row.source_volume !== 'string') continue;
    const volumeUuid = uuidFromUrl(row.source_volume, 'openstack-volumes');
    if (volumeUuid === undefined) return undefined;
    const group = byVolume.get(volumeUuid) ?? [];
    group.push(row);
    byVolume.set(volumeUuid, group);
  }
  return byVolume;
}

function cut(rows: readonly Rows['snapshot'][], window: Window): ListPage<Rows['snapshot']> {
  const total = rows.length;
  const start = startOf(window, total);
  return { rows: rows.slice(start, start + window.count), start, total };
}
