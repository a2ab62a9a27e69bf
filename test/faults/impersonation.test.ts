import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { at, type JsonValue, type Running, tokenOf, useGateway } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';
import { ask, TRANSPORTS } from './support/transports.ts';

/** Requests to act as another user. One that cannot be fulfilled must not run with the rights of the staff user who sent it. */

const authorization = `Token ${tokenOf('staff')}`;
const VIEWER = '{ viewer { username } }';
const HEADER = 'x-impersonated-user-uuid';

const on = useGateway({ impersonation: true, cacheTtlMs: 1_000 });
const off = useGateway();
const uuidOfUser = async (username: string): Promise<string> =>
  String(at((await on().query('{ viewer { uuid } }', { as: username })).data, 'viewer', 'uuid'));

/** Sends VIEWER with lines of headers, which `fetch` would join. @returns status, and the result. */
async function post(gateway: Running, lines: readonly string[], path = '/graphql'): Promise<[number, JsonValue]> {
  const isStream = path.endsWith('stream');
  const { statusCode, body } = await request(gateway.url + path, {
    method: 'POST',
    headers: [
      ...['authorization', authorization, 'content-type', 'application/json'],
      ...['accept', isStream ? 'text/event-stream' : 'application/json', ...lines],
    ],
    body: JSON.stringify({ query: VIEWER }),
  });
  // The first line with JSON, of a response or of an event.
  const json = /\{.*/.exec(await body.text())?.[0] ?? 'null';
  return [statusCode, JSON.parse(json)];
}

/** Sends VIEWER over a socket. @returns the message that answers it. */
async function overSocket(gateway: Running, params: JsonValue, headers: Record<string, string> = {}) {
  const socket = await openSocket(gateway.url, { headers });
  await socket.init(params);
  socket.send({ id: '1', type: 'subscribe', payload: { query: VIEWER } });
  const message = await socket.next();
  socket.close();
  return message;
}

const codeIn = (result: JsonValue | undefined): JsonValue | undefined =>
  at(result, 'errors', 0, 'extensions', 'code') ?? at(result, 0, 'extensions', 'code');

describe('case 67: a header X-Impersonated-User-Uuid that names nobody is BAD_USER_INPUT, 0 requests', () => {
  const uuid = '0123456789abcdef'.repeat(2);
  const BAD: readonly [name: string, value: string][] = [
    ['empty', ''],
    ['a name', 'owner1'],
    ['a uuid that is too short', uuid.slice(1)],
    ['a uuid that is too long', `${uuid}0`],
    ['other letters', uuid.replace('f', 'g')],
    ['hyphens in other places', `${uuid.slice(0, 4)}-${uuid.slice(4)}`],
    ['braces', `{${uuid}}`],
    ['a urn', `urn:uuid:${uuid}`],
    ['a path', `../${uuid}`],
    ['two uuids', `${uuid}, ${'a'.repeat(32)}`],
    ['the same uuid twice', `${uuid},${uuid}`],
    ['a comma at the end', `${uuid},`],
  ];

  it.each(BAD)('%s', async (_name, value) => {
    for (const transport of TRANSPORTS) {
      const { codes, data, status } = await ask(
        on().url,
        transport,
        { query: VIEWER },
        { authorization, headers: { [HEADER]: value } },
      );
      expect([transport, codes, data ?? null]).toEqual([transport, ['BAD_USER_INPUT'], null]);
      if (transport !== 'WebSocket') expect(status).toBe(400);
    }
    expect(on().calls()).toBe(0);
  });

  it.each(['/graphql', '/graphql/stream'])('two lines of the header, equal or not: %s', async (path) => {
    for (const other of [uuid, 'a'.repeat(32), '']) {
      const [status, result] = await post(on(), [HEADER, uuid, HEADER.toUpperCase(), other], path);
      expect([status, codeIn(result)]).toEqual([400, 'BAD_USER_INPUT']);
    }
    expect(on().calls()).toBe(0);
  });

  it('by GET', async () => {
    const response = await fetch(`${on().url}/graphql?query=${encodeURIComponent(VIEWER)}`, {
      headers: { authorization, accept: 'application/json', [HEADER]: 'owner1' },
    });
    expect([response.status, codeIn((await response.json()) as JsonValue)]).toEqual([400, 'BAD_USER_INPUT']);
    expect(on().calls()).toBe(0);
  });

  it('a response to the staff user from a moment ago does not answer it', async () => {
    for (let i = 0; i < 3; i += 1) expect((await on().query(VIEWER)).status).toBe(200);
    const { status, errors } = await on().query(VIEWER, { headers: { [HEADER]: '' } });
    expect([status, errors?.[0]?.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
  });

  it.each<[string, JsonValue]>([
    ['among the headers', { headers: { [HEADER]: 'owner1' } }],
    ['in other letters', { headers: { 'X-IMPERSONATED-USER-UUID': '' } }],
    ['beside the credentials', { 'X-Impersonated-User-Uuid': 'owner1' }],
    ['as null', { headers: { [HEADER]: null } }],
    ['as a number', { headers: { [HEADER]: 1 } }],
    ['as a list', { headers: { [HEADER]: [uuid] } }],
    ['twice', { [HEADER]: 'a'.repeat(32), headers: { [HEADER]: uuid } }],
  ])('in connection_init, %s', async (_name, params) => {
    const message = await overSocket(on(), { Authorization: authorization, ...Object(params) });
    expect([message.type, codeIn(message.payload)]).toEqual(['error', 'BAD_USER_INPUT']);
    expect(on().calls()).toBe(0);
  });

  it('in the upgrade and in connection_init, two different users', async () => {
    const params = { Authorization: authorization, headers: { [HEADER]: uuid } };
    const message = await overSocket(on(), params, { [HEADER]: 'a'.repeat(32) });
    expect([message.type, codeIn(message.payload)]).toEqual(['error', 'BAD_USER_INPUT']);
    expect(on().calls()).toBe(0);
  });
});

describe('case 67: any such header is FORBIDDEN while impersonation is disabled', () => {
  it.each(['0123456789abcdef'.repeat(2), '', 'owner1'])('%j', async (value) => {
    for (const transport of TRANSPORTS) {
      const { codes, data, status } = await ask(
        off().url,
        transport,
        { query: VIEWER },
        { authorization, headers: { [HEADER]: value } },
      );
      expect([transport, codes, data ?? null]).toEqual([transport, ['FORBIDDEN'], null]);
      if (transport !== 'WebSocket') expect(status).toBe(403);
    }
    const message = await overSocket(off(), { Authorization: authorization, headers: { [HEADER]: value } });
    expect([message.type, codeIn(message.payload)]).toEqual(['error', 'FORBIDDEN']);
    expect(off().calls()).toBe(0);
  });

  it('mutations and subscriptions, too', async () => {
    const documents = [
      'mutation { pullSnapshot(input: { uuid: "x" }) { userErrors { code } } }',
      'subscription { snapshotChanges { kind } }',
    ];
    for (const query of documents) {
      for (const transport of ['WebSocket', 'SSE'] as const) {
        const headers = { [HEADER]: 'a'.repeat(32) };
        expect((await ask(off().url, transport, { query }, { authorization, headers })).codes).toEqual(['FORBIDDEN']);
      }
    }
    expect(off().calls()).toBe(0);
  });
});

describe('case 67: a uuid is the user on whose behalf a request runs', () => {
  it('over every transport, in every spelling of a uuid', async () => {
    const uuid = await uuidOfUser('owner1');
    const hyphens = uuid.toUpperCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    for (const value of [uuid, hyphens]) {
      for (const transport of TRANSPORTS) {
        const { data } = await ask(
          on().url,
          transport,
          { query: VIEWER },
          { authorization, headers: { [HEADER]: value } },
        );
        expect([transport, data]).toEqual([transport, { viewer: { username: 'owner1' } }]);
      }
    }
  });

  it('in connection_init, where browsers must send it', async () => {
    const uuid = await uuidOfUser('owner1');
    const own = { payload: { data: { viewer: { username: 'owner1' } } } };
    const among = { Authorization: authorization, headers: { 'X-Impersonated-User-Uuid': uuid } };
    expect(await overSocket(on(), among)).toMatchObject(own);
    expect(await overSocket(on(), { Authorization: authorization, [HEADER]: uuid })).toMatchObject(own);
    // The same user in both places.
    expect(await overSocket(on(), among, { [HEADER]: uuid })).toMatchObject(own);
  });
});
