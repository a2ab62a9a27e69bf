import { type Check, skip } from '../check.ts';
import type { Answer } from '../client.ts';
import { detail, ensure, object, same, status } from '../expect.ts';
import { SNAPSHOTS, type Subject } from '../subject.ts';
import { isUuid, list, nobodysUuid, query, show, text } from '../values.ts';

const LIST = SNAPSHOTS.path + query({ page_size: 1, field: 'uuid' });

function challenged(answer: Answer): void {
  detail(answer, 401);
  const challenge = answer.headers['www-authenticate'];
  ensure(challenge?.startsWith('Token') === true, `${answer.asked}: WWW-Authenticate is ${show(challenge)}, not Token`);
}

export const AUTHENTICATION: readonly Check<Subject>[] = [
  {
    id: 'auth.none',
    statement: 'Without credentials: 401 with a detail and WWW-Authenticate: Token.',
    section: '5',
    run: async ({ waldur }) => challenged(await waldur.as(undefined).get(LIST)),
  },
  {
    id: 'auth.unknown-token',
    statement: 'With an unknown token: 401 with a detail and WWW-Authenticate: Token.',
    section: '5',
    run: async ({ waldur }) => challenged(await waldur.as(`Token ${'0'.repeat(40)}`).get(LIST)),
  },
  {
    id: 'auth.malformed-header',
    statement: 'With an invalid Authorization header, such as a token with spaces: 401.',
    section: '5',
    async run({ waldur }) {
      challenged(await waldur.as('Token').get(LIST));
      challenged(await waldur.as('Token one two').get(LIST));
    },
  },
  {
    id: 'auth.first',
    statement: 'Authentication precedes the lookup: 401, not 404, for an object that does not exist.',
    section: '2.0',
    run: async ({ waldur }) => challenged(await waldur.as(undefined).get(`${SNAPSHOTS.path}${nobodysUuid()}/`)),
  },
  {
    id: 'auth.scheme-case',
    statement: 'The word Token is case-insensitive.',
    section: '5',
    async run({ waldur }) {
      const [scheme = '', ...rest] = (waldur.authorization ?? '').split(' ');
      status(await waldur.as([scheme.toLowerCase(), ...rest].join(' ')).get(LIST), 200);
      status(await waldur.as([scheme.toUpperCase(), ...rest].join(' ')).get(LIST), 200);
    },
  },
  {
    id: 'me.keys',
    statement: 'users/me/ has url, uuid, username, full_name, email and permissions.',
    section: '2.9',
    async run({ waldur }) {
      const fields = ['url', 'uuid', 'username', 'full_name', 'email', 'permissions'];
      const me = object(await waldur.get(`users/me/${query({ field: fields })}`));
      for (const column of ['url', 'username', 'full_name', 'email']) text(me, column);
      ensure(isUuid(me.uuid), `uuid is ${show(me.uuid)}`);
      ensure(Array.isArray(me.permissions), `permissions is ${show(me.permissions)}`);
    },
  },
  {
    id: 'me.permissions',
    statement: 'A permission has role_name, scope_type, scope_uuid and scope_name; on a project its customer too.',
    section: '2.9',
    async run({ waldur }) {
      const permissions = list(object(await waldur.get(`users/me/${query({ field: 'permissions' })}`)), 'permissions');
      if (permissions.length === 0) skip('the caller has no role');
      for (const permission of permissions) {
        const ofProject = permission.scope_type === 'project' ? ['customer_uuid', 'customer_name'] : [];
        const columns = ['role_name', 'scope_type', 'scope_uuid', 'scope_name', ...ofProject];
        for (const column of columns) text(permission, column);
      }
    },
  },
  {
    id: 'me.flags',
    statement: 'is_staff and is_support are booleans, or absent for ordinary users.',
    section: '2.9',
    async run({ waldur }) {
      const me = object(await waldur.get(`users/me/${query({ field: ['uuid', 'is_staff', 'is_support'] })}`));
      for (const flag of ['is_staff', 'is_support']) {
        ensure(me[flag] === undefined || typeof me[flag] === 'boolean', `${flag} is ${show(me[flag])}`);
      }
    },
  },
  {
    id: 'me.sparse',
    statement: 'With field, users/me/ contains only the requested fields, so not the API token.',
    section: '2.9',
    async run({ waldur }) {
      const me = object(await waldur.get(`users/me/${query({ field: ['uuid', 'username'] })}`));
      same('the keys', Object.keys(me).toSorted(), ['username', 'uuid'].toSorted());
    },
  },
];
