import type { Snapshot, User, Volume, Work } from '../model.ts';
import { HttpError, type Reply, refused, ServerFault } from './exchange.ts';
import { me } from './me.ts';
import { change, detail, find, list } from './objects.ts';
import { callOf, type Parsed, requireMethod } from './parsed.ts';
import { relatedDetail, relatedList } from './related.ts';
import type { Kind } from './routes.ts';
import { restorationsOf } from './serialize.ts';
import { Sight } from './visibility.ts';
import type { AnyRule, WriteRule } from './writes/rule.ts';
import { logout } from './writes/sign-in.ts';
import { SNAPSHOT_WRITES } from './writes/snapshots.ts';
import { VOLUME_WRITES } from './writes/volumes.ts';

/** The order of the checks of a request: contract 2.0. */
export function handle(parsed: Parsed, user: User): Reply & { work?: Work } {
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

function ruleOf(kind: Kind, action: string | undefined, method: string): AnyRule {
  if (action === undefined) throw refused(405, `Method "${method}" not allowed.`);
  const rules: Readonly<Record<string, AnyRule>> = kind === 'snapshot' ? SNAPSHOT_WRITES : VOLUME_WRITES;
  return (Object.hasOwn(rules, action) ? rules[action] : undefined) ?? NOT_OFFERED;
}

/** Volumes are made and terminated through the marketplace; the other actions are no part of this stand-in. */
const NOT_OFFERED: WriteRule<Volume> = {
  method: 'DELETE',
  states: ['OK', 'ERRED'],
  needsBackendId: false,
  staffOnly: false,
  handle: ({ api, method }) => {
    throw new HttpError(405, api.generation === '2024' ? undefined : { detail: `Method "${method}" not allowed.` });
  },
};

function refuseListMethod({ api, method }: Parsed, kind: Kind): Reply {
  if (kind === 'volume' && method === 'POST' && api.generation === '2024') throw new HttpError(405, undefined);
  throw refused(405, `Method "${method}" not allowed.`);
}
