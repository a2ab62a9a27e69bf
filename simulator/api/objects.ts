import type { Json, Resource, Snapshot, Volume, Work } from '../model.ts';
import { type Call, HttpError, type Reply, refused } from './exchange.ts';
import { snapshotTest, volumeTest } from './filters.ts';
import { labelOf } from './labels.ts';
import { ordering } from './ordering.ts';
import { paginate } from './paging.ts';
import type { Parsed } from './parsed.ts';
import type { Kind, Route } from './routes.ts';
import { askedFields, type Renderers, render, SNAPSHOT, VOLUME } from './serialize.ts';
import { readUuid } from './uuid.ts';
import type { Sight } from './visibility.ts';
import type { AnyRule, WriteRule } from './writes/rule.ts';

/** Snapshots and volumes: finding, listing, changing. */

export function find(call: Call, sight: Sight, kind: Kind, id: string): Snapshot | Volume {
  sight.checkAddress();
  const { tables } = call.api.world;
  const uuid = readUuid(id) ?? '';
  const row: Snapshot | Volume | undefined =
    kind === 'snapshot' ? tables.snapshots.get(uuid) : tables.volumes.get(uuid);
  // The filters and the order of the query are read even when there is no such object.
  ordering(kind, call);
  const fulfils =
    kind === 'snapshot'
      ? snapshotTest(call, sight)
      : (volumeTest(call, sight) as unknown as (row: Snapshot | Volume) => boolean);
  if (row === undefined || !sight.project(row.project_uuid) || !(fulfils as (row: Snapshot | Volume) => boolean)(row)) {
    throw refused(404, `No ${kind === 'snapshot' ? 'Snapshot' : 'Volume'} matches the given query.`);
  }
  return row;
}

export function change(
  { api }: Parsed,
  call: Call,
  sight: Sight,
  route: Extract<Route, { name: 'detail' | 'action' }>,
  rule: AnyRule,
): Reply {
  if (rule.staffOnly && !call.user.is_staff) throw forbidden();
  rule.checkBodyFirst?.(call);
  const row = find(call, sight, route.kind, route.id);
  if (!rule.staffOnly && !sight.mayChange(row.project_uuid)) throw forbidden();
  (rule as WriteRule<Resource & (Snapshot | Volume)>).checkRow?.(call, row as never);
  if (rule.states !== null && !rule.states.includes(row.state)) {
    const labels = rule.states.map((state) => labelOf(state, api.generation)).join(', ');
    throw refused(409, `Valid states for operation: ${labels}.`);
  }
  if (rule.needsBackendId && !row.backend_id) throw new HttpError(400, ['Resource does not have backend ID.']);
  return (rule as WriteRule<Resource & (Snapshot | Volume)>).handle(call, row, sight);
}

const forbidden = (): HttpError => refused(403, 'You do not have permission to perform this action.');

export function detail(call: Call, row: Snapshot | Volume, kind: Kind): Reply & { work: Work } {
  const renderers = renderersOf(kind, call);
  const fields = askedFields(renderers, call);
  return {
    status: 200,
    body: render(renderers, fields, row, call),
    work: { userUuid: call.user.uuid, rows: 1, fields: workFields(fields, renderers), kind },
  };
}

export function list({ path }: Parsed, call: Call, sight: Sight, kind: Kind): Reply & { work: Work } {
  const { tables } = call.api.world;
  const compare = ordering(kind, call);
  const test = (kind === 'snapshot' ? snapshotTest(call, sight) : volumeTest(call, sight)) as (
    row: Snapshot | Volume,
  ) => boolean;
  const seen = new Map<string, boolean>();
  const visible = (project: string): boolean => {
    const known = seen.get(project) ?? sight.project(project);
    seen.set(project, known);
    return known;
  };
  const all: (Snapshot | Volume)[] = [];
  const rows: Iterable<Snapshot | Volume> = kind === 'snapshot' ? tables.snapshots.values() : tables.volumes.values();
  for (const row of rows) if (visible(row.project_uuid) && test(row)) all.push(row);
  const page = paginate(all.sort(compare), call, path);
  const renderers = renderersOf(kind, call);
  const fields = askedFields(renderers, call);
  const body: Json = page.rows.map((row) => render(renderers, fields, row, call));
  const work = { userUuid: call.user.uuid, rows: page.rows.length, fields: workFields(fields, renderers), kind };
  return { status: 200, body, headers: page.headers, work };
}

const renderersOf = (kind: Kind, { api }: Call): Renderers<Snapshot | Volume> =>
  (kind === 'snapshot' ? SNAPSHOT[api.generation] : VOLUME[api.generation]) as Renderers<Snapshot | Volume>;

const workFields = (fields: readonly string[], renderers: object): readonly string[] | null =>
  fields.length === Object.keys(renderers).length ? null : fields;
