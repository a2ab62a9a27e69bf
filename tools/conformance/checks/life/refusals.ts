import { type Check, skip } from '../../check.ts';
import type { Answer, Body } from '../../client.ts';
import { detail, refuses } from '../../expect.ts';
import { create, type Life, note, pathOf, ready } from '../../life/life.ts';
import { SNAPSHOTS, VOLUMES } from '../../subject.ts';

/** Bodies that are refused before anything happens, one line each. */
interface BadBody {
  readonly what: string;
  readonly statement: string;
  readonly body: Body;
  /** The key that the 400 names; absent: it is a detail. */
  readonly names?: string;
  /** 400 unless given. */
  readonly status?: 415;
}

const LONG_NAME = 'n'.repeat(151);
const LONG_DESCRIPTION = 'd'.repeat(2001);

const json = (value: unknown): Body => ({ json: value });

const NO_NAME: BadBody = { what: 'no-name', statement: 'no name', body: json({}), names: 'name' };
const BLANK_NAME: BadBody = { what: 'blank-name', statement: 'a blank name', body: json({ name: ' ' }), names: 'name' };
const NULL_NAME: BadBody = { what: 'null-name', statement: 'a null name', body: json({ name: null }), names: 'name' };
const BROKEN: BadBody = {
  what: 'broken-json',
  statement: 'invalid JSON',
  body: { raw: '{"name":', type: 'application/json' },
};
const A_LIST: BadBody = { what: 'list', statement: 'an array', body: json([]), names: 'non_field_errors' };
const A_TEXT: BadBody = {
  what: 'plain-text',
  statement: 'plain text',
  body: { raw: 'name', type: 'text/plain' },
  status: 415,
};

/** Of a snapshot's values; a name is given where one is required, so that it is not what is refused. */
const values = (name: Readonly<Record<string, string>>): readonly BadBody[] => [
  { what: 'long-name', statement: 'a name of 151 characters', body: json({ name: LONG_NAME }), names: 'name' },
  {
    what: 'long-description',
    statement: 'a description of 2001 characters',
    body: json({ ...name, description: LONG_DESCRIPTION }),
    names: 'description',
  },
  {
    what: 'null-description',
    statement: 'a null description',
    body: json({ ...name, description: null }),
    names: 'description',
  },
  { what: 'null-metadata', statement: 'null metadata', body: json({ ...name, metadata: null }), names: 'metadata' },
  {
    what: 'bad-date',
    statement: 'an invalid kept_until',
    body: json({ ...name, kept_until: 'next week' }),
    names: 'kept_until',
  },
  {
    what: 'blank-date',
    statement: 'a kept_until of ""',
    body: json({ ...name, kept_until: '' }),
    names: 'kept_until',
  },
];

const GIVEN = { name: 'conformance' };

const refusals = (
  verb: string,
  section: Check<Life>['section'],
  bodies: readonly BadBody[],
  send: (life: Life, body: Body) => Promise<Answer>,
): readonly Check<Life>[] =>
  bodies.map(({ what, statement, body, names, status = 400 }) => ({
    id: `${verb}.refuses-${what}`,
    statement: `${verb} refuses ${statement} with a ${status}${names === undefined ? ' and a detail' : ` that names ${names}`}.`,
    section,
    async run(life) {
      const answer = await send(life, body);
      if (names === undefined) detail(answer, status);
      else refuses(answer, names);
    },
  }));

export const CREATE_REFUSALS = refusals(
  'create',
  '2.2',
  [NO_NAME, BLANK_NAME, NULL_NAME, ...values(GIVEN), BROKEN, A_LIST, A_TEXT],
  async (life, body) => {
    const answer = await life.waldur.write('POST', `${VOLUMES.path}${life.volume}/snapshot/`, body);
    note(life, SNAPSHOTS, answer);
    return answer;
  },
);

/** Sent to the walk's snapshot while it is at rest: in any other state the answer would be about that. */
const toReady =
  (method: 'PATCH' | 'PUT' | 'POST', action: string) =>
  async (life: Life, body: Body): Promise<Answer> => {
    await ready(life);
    const answer = await life.waldur.write(method, pathOf(life) + action, body);
    if (action === 'restore/') note(life, VOLUMES, answer);
    return answer;
  };

export const UPDATE_REFUSALS = refusals(
  'update',
  '2.4',
  [BLANK_NAME, NULL_NAME, ...values({}), BROKEN, A_LIST, A_TEXT],
  toReady('PATCH', ''),
);

export const REPLACE_REFUSALS = refusals('replace', '2.4', [NO_NAME, BLANK_NAME], toReady('PUT', ''));

export const RESTORE_REFUSALS = refusals(
  'restore',
  '2.3',
  [
    NO_NAME,
    BLANK_NAME,
    NULL_NAME,
    {
      what: 'blank-description',
      statement: 'a description of ""',
      body: json({ ...GIVEN, description: '' }),
      names: 'description',
    },
    {
      what: 'null-description',
      statement: 'a null description',
      body: json({ ...GIVEN, description: null }),
      names: 'description',
    },
    BROKEN,
    A_LIST,
  ],
  toReady('POST', 'restore/'),
);

/** Writes on what is not there: a 404 whatever the body. */
export const MISSING_REFUSALS: readonly Check<Life>[] = (
  [
    ['update', 'PATCH', ''],
    ['replace', 'PUT', ''],
    ['delete', 'DELETE', ''],
    ['pull', 'POST', 'pull/'],
    ['restore', 'POST', 'restore/'],
  ] as const
).map(([verb, method, action]) => ({
  id: `${verb}.missing`,
  statement: `${verb} of a snapshot that does not exist: 404 with a detail.`,
  section: '2.0',
  async run({ waldur }) {
    const path = `${SNAPSHOTS.path}${crypto.randomUUID().replaceAll('-', '')}/${action}`;
    detail(await waldur.write(method, path, method === 'DELETE' ? undefined : { json: {} }), 404);
  },
}));

/** What is refused while something is under way with the snapshot, the harmless first. */
export const WRONG_STATES: readonly Check<Life>[] = (
  [
    ['restore', 'POST', 'restore/', 'even with a body that is wrong besides'],
    ['update', 'PATCH', '', 'while it is being made'],
    ['replace', 'PUT', '', 'while it is being made'],
    ['pull', 'POST', 'pull/', 'while it is being made'],
    ['delete', 'DELETE', '', 'while it is being made'],
  ] as const
).map(([verb, method, action, when]) => ({
  id: `${verb}.wrong-state`,
  statement: `${verb} in a state that does not allow it, ${when}: 409 with a detail.`,
  section: '2.0',
  async run(life) {
    const { snapshot, watch, waldur } = life;
    const path = pathOf(life);
    const isOnItsWay = async (): Promise<boolean> => {
      const row = await watch.read(SNAPSHOTS, String(snapshot));
      return row !== undefined && /creat/i.test(String(row.state));
    };
    if (!(await isOnItsWay())) skip('the snapshot was created before the request');
    const answer = await waldur.write(method, path + action, method === 'DELETE' ? undefined : { json: {} });
    if (answer.status !== 409 && !(await isOnItsWay())) {
      if (answer.status < 300) {
        // The write changes or deletes it, so the checks that follow need another one; without one they are skipped.
        life.snapshot = undefined;
        life.snapshot = (await create(life, { name: life.name })).uuid;
      }
      skip('the snapshot was created during the request');
    }
    detail(answer, 409);
  },
}));
