import type {
  ApiAnswer,
  ApiRequest,
  Generation,
  Json,
  Resource,
  Snapshot,
  Tasks,
  User,
  Volume,
  Work,
  WorldClock,
} from '../model.ts';
import type { World } from '../world.ts';
import { authenticate, type Identity } from './auth.ts';
import { readBody } from './bodies.ts';
import { type Api, type Call, Refusal, type Reply, refused, ServerFault } from './exchange.ts';
import { snapshotTest, volumeTest } from './filters.ts';
import { browsable, NOT_FOUND_PAGE, SERVER_ERROR_PAGE } from './html.ts';
import { labelOf } from './labels.ts';
import { chooseLanguage, translate } from './language.ts';
import { type Format, negotiate } from './negotiation.ts';
import { ordering } from './ordering.ts';
import { paginate } from './paging.ts';
import { decode, readQuery } from './query.ts';
import { me, relatedDetail, relatedList } from './related.ts';
import { findRoute, type Kind, methodsOf, type Route } from './routes.ts';
import { askedFields, type Renderers, render, restorationsOf, SNAPSHOT, VOLUME } from './serialize.ts';
import { readUuid } from './uuid.ts';
import { Sight } from './visibility.ts';
import type { WriteRule } from './writes/rule.ts';
import { logout, SignIn } from './writes/sign-in.ts';
import { SNAPSHOT_WRITES } from './writes/snapshots.ts';
import { VOLUME_WRITES } from './writes/volumes.ts';

export interface ApiOptions {
  readonly world: World;
  readonly clock: WorldClock;
  readonly tasks: Tasks;
  readonly generation: Generation;
}

/**
 * Everything under /api/ and /api-auth/, as a function from request to answer: no socket, no time but the world's. It never throws;
 * what goes wrong inside is Django's page for it.
 */
export function createApi(options: ApiOptions): (request: ApiRequest) => ApiAnswer {
  const signIn = new SignIn();
  return (request) => {
    try {
      return answer(options, signIn, request);
    } catch {
      // A ServerFault is an imitated failure; any other exception would be one of Django's, too.
      return html(500, SERVER_ERROR_PAGE);
    }
  };
}

const html = (status: number, body: string): ApiAnswer => ({
  status,
  headers: { 'Content-Type': 'text/html; charset=utf-8' },
  body,
});

/** What is known of a request before anybody asks who sent it. */
interface Parsed {
  readonly api: Api;
  readonly request: ApiRequest;
  readonly route: Route;
  readonly path: string;
  readonly method: string;
  readonly query: [string, string][];
  readonly language: string;
  readonly allow: string;
}

function answer(api: Api, signIn: SignIn, request: ApiRequest): ApiAnswer {
  const [rawPath = '', rawQuery = ''] = split(request.target);
  const path = decodePath(rawPath);
  const route = findRoute(path, api.generation);
  if (route === undefined) {
    if (!path.endsWith('/') && findRoute(`${path}/`, api.generation) !== undefined) {
      const Location = `${rawPath}/${rawQuery === '' ? '' : `?${rawQuery}`}`;
      return { status: 301, headers: { Location, 'Content-Type': 'text/html; charset=utf-8' }, body: '' };
    }
    return html(404, NOT_FOUND_PAGE);
  }
  const parsed: Parsed = {
    api,
    request,
    route,
    path,
    method: request.method,
    query: readQuery(rawQuery),
    language: chooseLanguage(request.headers['accept-language']),
    allow: methodsOf(route).join(', '),
  };
  if (!READING.has(request.method)) api.world.lastWrite = route.name === 'action' ? route.action : request.method;
  return write(parsed, signIn);
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

const split = (target: string): string[] => {
  const at = target.indexOf('?');
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)];
};

const decodePath = (path: string): string => decode(path.replaceAll('+', '%2B'));

/** Runs the handler and writes its answer or refusal in the format that was asked for. */
function write(parsed: Parsed, signIn: SignIn): ApiAnswer {
  const { request, query, language, allow, method } = parsed;
  const headers: Record<string, string> = {
    Allow: allow,
    Vary: 'Accept, Accept-Language, Cookie',
    'X-Frame-Options': 'DENY',
    'Content-Language': language,
  };
  let format: Format = 'json';
  let identity: Identity | undefined;
  let result: Reply & { work?: Work };
  try {
    // A preflight is answered by nobody in particular.
    if (method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      return { status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: '' };
    }
    format = negotiate(request.headers.accept, query.findLast(([name]) => name === 'format')?.[1]);
    if (parsed.route.name === 'sign-in') {
      result = signInOf(parsed, signIn);
    } else {
      identity = authenticate(parsed.api.world, parsed.api.clock, request.headers);
      result = handle(parsed, identity.user);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    result = { status: error.status, body: translate(error.body ?? null, language), headers: error.headers };
    if (error.body === undefined) result = { status: error.status, headers: error.headers };
  }
  if (identity?.impersonator) headers['X-impersonator-uuid'] = identity.impersonator.uuid;
  Object.assign(headers, result.headers);
  const json = result.body === undefined ? '' : JSON.stringify(result.body);
  if (result.body !== undefined) {
    headers['Content-Type'] = format === 'json' ? 'application/json' : 'text/html; charset=utf-8';
  }
  return {
    status: result.status,
    headers,
    body: format === 'html' && result.body !== undefined ? browsable(json) : json,
    ...(result.work && { work: result.work }),
  };
}

function signInOf(parsed: Parsed, signIn: SignIn): Reply {
  requireMethod(parsed, ['POST']);
  return signIn.handle(callOf(parsed, undefined), parsed.request.remoteAddress);
}

function requireMethod({ method }: Parsed, allowed: readonly string[]): void {
  if (!allowed.includes(method)) throw refused(405, `Method "${method}" not allowed.`);
}

function callOf({ api, request, query, language, method, route, path }: Parsed, user: User | undefined): Call {
  const scheme = request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const nobody = {} as User;
  return {
    api,
    method,
    user: user ?? nobody,
    query,
    origin: `${scheme}://${request.headers.host ?? 'localhost'}`,
    suffix: path.endsWith('.json/') ? '.json' : '/',
    language,
    body: () => readBody(request.body, request.headers['content-type']),
    knownFields: (names) => {
      const kind =
        'kind' in route && !(route.name === 'action' && route.action === 'snapshot') ? route.kind : 'snapshot';
      const fields = answered(route, kind) === 'volume' ? VOLUME[api.generation] : SNAPSHOT[api.generation];
      return names.some((name) => Object.hasOwn(fields, name));
    },
  };
}

/** A restore is answered by a volume. */
const answered = (route: Route, kind: Kind): Kind =>
  route.name === 'action' && route.action === 'restore' ? 'volume' : kind;

/** The order in which a request is judged: contract 2.0. */
function handle(parsed: Parsed, user: User): Reply & { work?: Work } {
  const { api, request, route, method } = parsed;
  const call = callOf(parsed, user);
  const forwarded = request.headers['x-forwarded-for'];
  const address = forwarded === undefined ? request.remoteAddress : (forwarded.split(',')[0]?.trim() ?? '');
  const sight = new Sight(api.world, user, address);
  const reads = method === 'GET' || method === 'HEAD';
  if (method === 'OPTIONS') return { status: 200, body: { name: 'Waldur', description: '' } };
  switch (route.name) {
    case 'root':
      requireMethod(parsed, ['GET', 'HEAD']);
      return { status: 200, body: {} };
    case 'me':
      requireMethod(parsed, ['GET', 'HEAD']);
      return { ...me(call), work: { userUuid: user.uuid, rows: 1, fields: ['uuid'], kind: 'other' } };
    case 'sign-out':
      requireMethod(parsed, ['POST']);
      return logout(call);
    case 'sign-in':
      throw new ServerFault('signing in needs no caller');
    case 'related-list':
      requireMethod(parsed, ['GET', 'HEAD']);
      sight.checkAddress();
      return relatedList(route.place, call, sight);
    case 'related-detail':
      requireMethod(parsed, ['GET', 'HEAD']);
      sight.checkAddress();
      return relatedDetail(route.place, route.id, call, sight);
    case 'list':
      if (!reads) return refuseListMethod(parsed, route.kind);
      sight.checkAddress();
      return list(parsed, call, sight, route.kind);
    case 'restorations': {
      requireMethod(parsed, ['GET', 'HEAD']);
      const row = find(call, sight, 'snapshot', route.id) as Snapshot;
      return { status: 200, body: restorationsOf(row, call) };
    }
    case 'detail':
      if (reads) return detail(call, find(call, sight, route.kind, route.id), route.kind);
      return change(parsed, call, sight, route, ruleOf(route.kind, METHOD_ACTIONS[method], method));
    case 'action':
      requireMethod(parsed, ['POST']);
      return change(parsed, call, sight, route, ruleOf(route.kind, route.action, method));
  }
}

const METHOD_ACTIONS: Readonly<Record<string, string>> = { PUT: 'update', PATCH: 'partial_update', DELETE: 'destroy' };

type AnyRule = WriteRule<Snapshot> | WriteRule<Volume>;

function ruleOf(kind: Kind, action: string | undefined, method: string): AnyRule {
  if (action === undefined) throw refused(405, `Method "${method}" not allowed.`);
  const rules: Readonly<Record<string, AnyRule>> = kind === 'snapshot' ? SNAPSHOT_WRITES : VOLUME_WRITES;
  return (Object.hasOwn(rules, action) ? rules[action] : undefined) ?? NOT_OFFERED;
}

/** Volumes are made and terminated through the marketplace; their other actions are no part of this stand-in. */
const NOT_OFFERED: WriteRule<Volume> = {
  method: 'DELETE',
  states: ['OK', 'ERRED'],
  needsBackendId: false,
  staffOnly: false,
  handle: ({ api, method }) => {
    throw new Refusal(405, api.generation === '2024' ? undefined : { detail: `Method "${method}" not allowed.` });
  },
};

function refuseListMethod({ api, method }: Parsed, kind: Kind): Reply {
  if (kind === 'volume' && method === 'POST' && api.generation === '2024') throw new Refusal(405, undefined);
  throw refused(405, `Method "${method}" not allowed.`);
}

function find(call: Call, sight: Sight, kind: Kind, id: string): Snapshot | Volume {
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

function change(
  { api }: Parsed,
  call: Call,
  sight: Sight,
  route: Extract<Route, { name: 'detail' | 'action' }>,
  rule: AnyRule,
): Reply {
  if (rule.staffOnly && !call.user.is_staff) throw forbidden();
  const row = find(call, sight, route.kind, route.id);
  if (!rule.staffOnly && !sight.mayChange(row.project_uuid)) throw forbidden();
  if (rule.states !== null && !rule.states.includes(row.state)) {
    const labels = rule.states.map((state) => labelOf(state, api.generation)).join(', ');
    throw refused(409, `Valid states for operation: ${labels}.`);
  }
  if (rule.needsBackendId && !row.backend_id) throw new Refusal(400, ['Resource does not have backend ID.']);
  return (rule as WriteRule<Resource & (Snapshot | Volume)>).handle(call, row);
}

const forbidden = (): Refusal => refused(403, 'You do not have permission to perform this action.');

function detail(call: Call, row: Snapshot | Volume, kind: Kind): Reply & { work: Work } {
  const renderers = renderersOf(kind, call);
  const fields = askedFields(renderers, call);
  return {
    status: 200,
    body: render(renderers, fields, row, call),
    work: { userUuid: call.user.uuid, rows: 1, fields: workFields(fields, renderers), kind },
  };
}

function list({ path }: Parsed, call: Call, sight: Sight, kind: Kind): Reply & { work: Work } {
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
