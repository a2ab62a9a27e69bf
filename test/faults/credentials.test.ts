import { request } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { OperationClient } from '../../src/loading/operation-client.ts';
import { exchange, statusOf } from '../fuzz/support/raw-http.ts';
import { tokenOf, useGateway, uuidOf } from '../support/gateway.ts';
import { ask, TRANSPORTS } from './support/transports.ts';

/** Credentials, headers and secrets: what goes upstream, and what never comes back. */

const gateway = useGateway({ logLevel: 'trace' });
const authorization = `Token ${tokenOf('staff')}`;
const VIEWER = '{ viewer { uuid } }';
/** Stands in each bad value, to be looked for. */
const MARK = 'f00dcafe1234';

/** Nothing reached the upstream, and the value is in no answer and no line of the log. */
function expectNoEcho(answer: string): void {
  expect(answer).not.toContain(MARK);
  expect(gateway().log.join('\n')).not.toContain(MARK);
  expect(gateway().calls()).toBe(0);
}

describe('case 5: invalid characters in credentials are UNAUTHENTICATED, 0 calls, and appear in no output', () => {
  const BAD: readonly [name: string, value: string][] = [
    ['CR', `Token ${MARK}\rx`],
    ['LF', `Token ${MARK}\nx`],
    ['CR LF and a folded line', `Token ${MARK}\r\n x`],
    ['NUL', `Token ${MARK}\0`],
    ['a tab', `Token\t${MARK}`],
    ['DEL', `Token ${MARK}\x7f`],
    ['Latin-1', `Token ${MARK}\xe9`],
    ['UTF-8', `Token ${MARK}\xc3\xa9`],
    ['5 kB', `Token ${MARK}${'a'.repeat(5_000)}`],
  ];

  it.each(BAD)('%s in the header, over a raw socket', async (_name, value) => {
    const body = JSON.stringify({ query: VIEWER });
    for (const path of ['/graphql', '/graphql/stream']) {
      const text = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\nAuthorization: ${value}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      const port = Number(new URL(gateway().url).port);
      const answer = (await exchange(port, Buffer.from(text, 'latin1'), 'half-close')) ?? '';
      // What is no HTTP is refused before anybody asks whose it is.
      const expected = statusOf(answer) === 400 ? 'BAD_REQUEST' : 'UNAUTHENTICATED';
      expect(answer).toContain(`"code":"${expected}"`);
      expectNoEcho(answer);
    }
  });

  it.each([
    ...BAD,
    ['other letters', `Token ${MARK}\u0416`],
    ['half a surrogate pair', `Token ${MARK}\ud800`],
    ['nothing but spaces', '   '],
  ])('%s in connectionParams', async (_name, value) => {
    const { codes, text } = await ask(gateway().url, 'WebSocket', { query: VIEWER }, { authorization: value });
    expect(codes).toEqual(['UNAUTHENTICATED']);
    expectNoEcho(text);
  });
});

describe('case 8: headers of the client are not forwarded', () => {
  const HOSTILE = {
    cookie: `session=${MARK}`,
    host: 'evil.example',
    origin: 'http://localhost:1',
    'x-anything': MARK,
    'x-http-method-override': 'DELETE',
    'x-forwarded-for': '198.51.100.7',
    'x-forwarded-host': 'evil.example',
    'x-real-ip': '198.51.100.7',
    'proxy-authorization': `Basic ${MARK}`,
    forwarded: 'for=198.51.100.7',
    te: 'trailers',
  };
  const ALLOWED = new Set([
    ...['accept', 'authorization', 'x-forwarded-for', 'accept-language', 'x-request-id'],
    ...['host', 'connection', 'content-type', 'content-length'],
  ]);
  const CHANGE = `mutation { pullSnapshot(input: { uuid: "${uuidOf.snapshot('rw-target')}" }) { userErrors { code } } }`;

  const expectAllowList = async (count: number) => {
    const requests = await gateway().requests();
    const sent = requests.slice(-count);
    expect(gateway().calls()).toBe(count);
    for (const { headers } of sent) {
      expect(Object.keys(headers).filter((name) => !ALLOWED.has(name))).toEqual([]);
      expect(headers.host).toBe(new URL(gateway().simulator.url).host);
      expect(headers['x-forwarded-for']).toBe('127.0.0.1');
      expect(JSON.stringify(headers)).not.toMatch(new RegExp(`${MARK}|evil|198\\.51`));
    }
  };

  it.each(['/graphql', '/graphql/stream'])('of a request to %s', async (path) => {
    for (const query of [VIEWER, CHANGE]) {
      const headers = { ...HOSTILE, authorization, 'content-type': 'application/json', accept: '*/*' };
      // An origin that is neither its own nor allowed has its answer all the same: CORS keeps the page from reading it.
      const response = await request(gateway().url + path, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query }),
      });
      expect([response.statusCode, await response.body.text()]).toEqual([200, expect.not.stringContaining('errors')]);
    }
    await expectAllowList(2);
  });

  it('of a WebSocket upgrade', async () => {
    const { host: _host, ...headers } = HOSTILE;
    const { codes } = await ask(gateway().url, 'WebSocket', { query: VIEWER }, { authorization, headers });
    expect(codes).toEqual([]);
    await expectAllowList(1);
  });
});

describe('case 17: an unexpected error is INTERNAL_SERVER_ERROR with an id; its details are only in the log', () => {
  const SECRET = 'password=hunter2';
  afterEach(() => vi.restoreAllMocks());

  it.each(TRANSPORTS)('over %s', async (transport) => {
    vi.spyOn(OperationClient.prototype, 'viewer').mockRejectedValue(new Error(SECRET));
    const query = '{ viewer { uuid } snapshots(first: 1) { totalCount } }';
    const { data, codes, errors, text } = await ask(gateway().url, transport, { query }, { authorization });
    expect(codes).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(text).not.toMatch(/hunter2|\.ts\b|node_modules/);
    expect(data).toMatchObject({ viewer: null, snapshots: { totalCount: expect.any(Number) } });
    const [error] = errors;
    expect(error).toMatchObject({
      path: ['viewer'],
      extensions: { correlationId: expect.stringMatching(/^[\w-]{36}$/) },
    });
    const { correlationId } = Object(Object(error).extensions);
    const lines = gateway().log.filter((line) => line.includes(String(correlationId)));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(SECRET);
  });

  it('in a field of every row: each has its own id', async () => {
    vi.spyOn(OperationClient.prototype, 'get').mockRejectedValue(new TypeError(SECRET));
    const uuids = ['rw-target', 'st-ok'].map(uuidOf.snapshot);
    const { data, errors } = await gateway().query(
      'query ($uuids: [UUID!]!) { snapshotsByUuid(uuids: $uuids) { name } }',
      {
        variables: { uuids },
      },
    );
    expect(data).toEqual({ snapshotsByUuid: [null, null] });
    expect(new Set(errors?.map(({ extensions }) => extensions.correlationId)).size).toBe(2);
    expect(JSON.stringify(errors)).not.toContain('hunter2');
  });
});
