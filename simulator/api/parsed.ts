import type { Actor } from '../event-log.ts';
import type { ApiRequest, User } from '../model.ts';
import { readBody } from './bodies.ts';
import { type Api, type Call, refused } from './exchange.ts';
import type { Kind, Route } from './routes.ts';
import { SNAPSHOT, VOLUME } from './serialize.ts';

/** A request before authentication. */
export interface Parsed {
  readonly api: Api;
  readonly request: ApiRequest;
  readonly route: Route;
  readonly path: string;
  readonly method: string;
  readonly query: [string, string][];
  readonly language: string;
  readonly allow: string;
}

/** @throws HttpError 405 for any other method. */
export function requireMethod({ method }: Parsed, allowed: readonly string[]): void {
  if (!allowed.includes(method)) throw refused(405, `Method "${method}" not allowed.`);
}

/** Address of the client, as Waldur believes it. */
export function addressOf({ headers, remoteAddress }: ApiRequest): string {
  const forwarded = headers['x-forwarded-for'];
  return forwarded === undefined ? remoteAddress : (forwarded.split(',')[0]?.trim() ?? '');
}

/** What handlers see of a request. */
export function callOf(
  { api, request, query, language, method, route, path }: Parsed,
  user: User | undefined,
  actor?: Actor,
): Call {
  const scheme = request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const nobody = {} as User;
  return {
    api,
    method,
    user: user ?? nobody,
    actor,
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
