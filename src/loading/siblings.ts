import { rowMs } from '../domain/costs.ts';
import { uuidFromUrl } from '../waldur/uuid.ts';
import { filterText } from './cache-keys.ts';
import type { Hint } from './hints.ts';
import { type Filter, fetchWindow, type ListPage, type ListRequest, startOf, type Window } from './lists.ts';
import type { OperationClient } from './operation-client.ts';
import { MAX_REST_PAGE } from './pages.ts';
import { type Planner, settled } from './planner.ts';
import type { Rows } from './request-options.ts';

/** The snapshots of one volume, asked for beside those of others. */
export interface SiblingRequest extends ListRequest<'snapshot'> {
  readonly parent: Parent;
}

export interface Parent {
  /** What `filter.sourceVolumeUuid` says. */
  readonly volumeUuid: string;
  /** Lists that hold the volume's snapshots besides others'. */
  readonly hints: readonly Hint[];
}

type Row = Rows['snapshot'] | Error;
type Answer = ListPage<Rows['snapshot']> | Error;

/** A guess at how many rows a volume has, for windows that would show more. */
const FEW = 10;

/**
 * The snapshots of many volumes: one list of all of them, put in order by volume, or a list for each volume, whichever is cheaper.
 * @param fields what is asked for of each snapshot.
 * @returns the answers by the filter of the request, which is an object of its own for each.
 */
export async function listSiblings(
  upstream: OperationClient,
  planner: Planner,
  requests: readonly SiblingRequest[],
  fields: readonly string[],
): Promise<Map<Filter, Answer>> {
  const answers = new Map<Filter, Answer>();
  await Promise.all(
    familiesOf(requests).map(async (family) => {
      const answered = await listFamily(upstream, planner, family, fields);
      for (const [{ filter }, answer] of answered) answers.set(filter, answer);
    }),
  );
  return answers;
}

/** Requests that differ in their volume alone. */
function familiesOf(requests: readonly SiblingRequest[]): SiblingRequest[][] {
  const families = new Map<string, SiblingRequest[]>();
  for (const request of requests) {
    const { parent, order, window } = request;
    const key = JSON.stringify([filterText(conditionsOf(request)), order, window, parent.hints]);
    const family = families.get(key) ?? [];
    family.push(request);
    families.set(key, family);
  }
  return [...families.values()];
}

/** Those on the volume apart. */
function conditionsOf({ filter }: SiblingRequest): Filter {
  const { sourceVolumeUuid: _, ...rest } = filter;
  return rest;
}

async function listFamily(
  upstream: OperationClient,
  planner: Planner,
  family: readonly SiblingRequest[],
  fields: readonly string[],
): Promise<[SiblingRequest, Answer][]> {
  const [first] = family;
  if (first === undefined) return [];
  if (family.length > 1) {
    const together = await listTogether(upstream, planner, first, family, fields);
    if (together !== undefined) return family.map((request) => [request, together(request)]);
  }
  return Promise.all(
    family.map(async (request): Promise<[SiblingRequest, Answer]> => {
      const count = () => upstream.count('snapshot', request.filter);
      return [request, await settled(fetchWindow(upstream, request, fields, count))];
    }),
  );
}

/** @returns what finds a request's answer in the common list; undefined when a list for each volume is cheaper, or must be. */
async function listTogether(
  upstream: OperationClient,
  planner: Planner,
  first: SiblingRequest,
  family: readonly SiblingRequest[],
  fields: readonly string[],
): Promise<((request: SiblingRequest) => Answer) | undefined> {
  // One object of a known uuid is one call, which tells whose it is; asked for by volume it would be a call for each.
  const isOne = first.filter.uuid !== undefined;
  const filter: Filter = { ...(isOne ? {} : first.parent.hints[0]?.filter), ...conditionsOf(first) };
  // Counting takes no columns but those that tell the volume.
  const asked = first.window.count === 0 ? COUNTED : withVolume(fields);
  const choice = {
    keys: family.length,
    rowMs: rowMs(fields),
    rowsEach: Math.min(FEW, first.window.count),
    listRowMs: rowMs(asked),
    total: planner.lastTotal('snapshot', filter),
    read: 0,
  };
  if (!isOne && (await planner.decide('snapshots of volumes', 'snapshot', filter, choice)) === 'each') return undefined;
  const page = (number: number) =>
    settled(
      upstream.list('snapshot', { filter, order: first.order, page: number, pageSize: MAX_REST_PAGE, fields: asked }),
    );
  const firstPage = await page(1);
  if (firstPage instanceof Error) return () => firstPage;
  const { total } = firstPage;
  // Nothing tells whether it is whole.
  if (total === undefined) return undefined;
  const pages = [firstPage];
  if (firstPage.rows.length >= MAX_REST_PAGE && total > MAX_REST_PAGE) {
    const known = { ...choice, total, read: MAX_REST_PAGE };
    if ((await planner.decide('snapshots of volumes', 'snapshot', filter, known)) === 'each') return undefined;
    const numbers = Array.from({ length: Math.ceil(total / MAX_REST_PAGE) - 1 }, (_, i) => i + 2);
    for (const answer of await Promise.all(numbers.map(page))) {
      if (answer instanceof Error) return () => answer;
      pages.push(answer);
    }
  }
  const byVolume = groupByVolume(
    pages.flatMap(({ rows }) => rows),
    total,
  );
  return byVolume && (({ parent, window }) => cut(byVolume.get(parent.volumeUuid) ?? [], window));
}

const COUNTED: readonly string[] = ['source_volume', 'uuid'];

const wider = new WeakMap<readonly string[], readonly string[]>();

/** The columns with the one that tells the volume; the same array for the same columns. */
function withVolume(fields: readonly string[]): readonly string[] {
  let asked = wider.get(fields);
  if (asked === undefined) {
    asked = fields.includes('source_volume') ? fields : [...fields, 'source_volume'].sort();
    wider.set(fields, asked);
  }
  return asked;
}

/** @returns undefined for a list that does not add up: its pages have shifted, or a row could not be read. */
function groupByVolume(rows: readonly Row[], total: number): Map<string, Rows['snapshot'][]> | undefined {
  const byVolume = new Map<string, Rows['snapshot'][]>();
  const seen = new Set<string>();
  for (const row of rows) {
    if (row instanceof Error || typeof row.uuid !== 'string') return undefined;
    seen.add(row.uuid);
    // Of a volume that is gone; then it is none of those asked for.
    if (typeof row.source_volume !== 'string') continue;
    const volumeUuid = uuidFromUrl(row.source_volume, 'openstack-volumes');
    if (volumeUuid === undefined) return undefined;
    const group = byVolume.get(volumeUuid) ?? [];
    group.push(row);
    byVolume.set(volumeUuid, group);
  }
  return seen.size === total && rows.length === total ? byVolume : undefined;
}

function cut(rows: readonly Rows['snapshot'][], window: Window): ListPage<Rows['snapshot']> {
  const total = rows.length;
  const start = startOf(window, total);
  return { rows: rows.slice(start, start + window.count), start, total };
}
