import type { ApiAnswer, ApiRequest, Generation, Tasks, Work, WorldClock } from '../model.ts';
import type { World } from '../world.ts';
import { authenticate, type Identity } from './auth.ts';
import { type Api, HttpError, type Reply } from './exchange.ts';
import { browsable, NOT_FOUND_PAGE, SERVER_ERROR_PAGE } from './html.ts';
import { handle } from './judge.ts';
import { chooseLanguage, translate } from './language.ts';
import { type Format, negotiate } from './negotiation.ts';
import { callOf, type Parsed, requireMethod } from './parsed.ts';
import { decode, readQuery } from './query.ts';
import { findRoute, methodsOf } from './routes.ts';
import { SignIn } from './writes/sign-in.ts';

export interface ApiOptions {
  readonly world: World;
  readonly clock: WorldClock;
  readonly tasks: Tasks;
  readonly generation: Generation;
}

/**
 * The endpoints under /api/ and /api-auth/, as a function from request to response. It uses only the clock of the world. It never throws:
 * an internal error becomes Django's error page.
 */
export function createApi(options: ApiOptions): (request: ApiRequest) => ApiAnswer {
  const signIn = new SignIn();
  return (request) => {
    try {
      return answer(options, signIn, request);
    } catch {
      // A ServerFault is a simulated failure of Django. Any other exception gets the same response.
      return html(500, SERVER_ERROR_PAGE);
    }
  };
}

const html = (status: number, body: string): ApiAnswer => ({
  status,
  headers: { 'Content-Type': 'text/html; charset=utf-8' },
  body,
});

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

/** Runs the handler and formats its response or error as requested. */
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
    // A preflight request needs no credentials.
    if (method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      return { status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: '' };
    }
    format = negotiate(request.headers.accept, query.findLast(([name]) => name === 'format')?.[1]);
    if (parsed.route.name === 'sign-in') {
      result = signInOf(parsed, signIn);
    } else {
      identity = authenticate(parsed.api.world, parsed.api.clock, request.headers);
      result = handle(parsed, identity);
    }
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
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
  return signIn.handle(callOf(parsed, undefined), parsed.request.remoteAddress, parsed.request.headers['user-agent']);
}
