import { gzipSync } from 'node:zlib';
import { request } from 'undici';
import { describe, expect, it, vi } from 'vitest';
import { dial } from '../support/connection.ts';
import { tokenOf, useGateway } from '../support/gateway.ts';

/** What every answer carries, and what the log keeps of its request. */

const gateway = useGateway({ trustedProxies: ['loopback'] });

describe('headers', () => {
  it.each([
    '/',
    '/graphiql',
    '/graphql?query=%7B__typename%7D',
    '/graphql',
    '/metrics',
    '/health/live',
    '/schema.graphql',
    '/nothing',
  ])('%s has headers against framing, MIME sniffing and referrers', async (path) => {
    const { headers } = await fetch(gateway().url + path);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-store',
    });
    expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull();
  });

  it('the page may not be framed, whichever header a browser supports', async () => {
    const { headers } = await fetch(`${gateway().url}/graphiql`, { headers: { accept: 'text/html' } });
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });
});

describe('every answer says who may cache it and what it depends on', () => {
  const json = { 'content-type': 'application/json' };
  it.each([
    ['404', 'GET', '/nothing', {}, undefined, 404],
    ['404 of an asset', 'GET', '/graphiql/static/nothing.js', {}, undefined, 404],
    ['405', 'DELETE', '/graphql', {}, undefined, 405],
    ['405 of a page', 'PUT', '/graphiql', {}, undefined, 405],
    ['406', 'POST', '/graphql/stream', { ...json, accept: 'image/png' }, '{}', 406],
    ['413', 'POST', '/graphql', json, ' '.repeat(1_048_577), 413],
    ['415', 'POST', '/graphql', { 'content-type': 'text/plain' }, '{}', 415],
    ['415 of an encoding', 'POST', '/graphql', { ...json, 'content-encoding': 'gzip' }, '{}', 415],
    ['a preflight', 'OPTIONS', '/graphql', { origin: 'http://localhost:1' }, undefined, 204],
    ['a preflight of a page', 'OPTIONS', '/health/live', {}, undefined, 204],
    ['health', 'GET', '/health/ready', {}, undefined, 200],
    ['a page', 'GET', '/', { accept: 'text/html' }, undefined, 200],
  ] as const)('%s', async (_name, method, path, headers, body, status) => {
    const response = await fetch(gateway().url + path, { method, headers, ...(body !== undefined && { body }) });
    expect(response.status).toBe(status);
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    // The answer to a preflight is not negotiated.
    expect(response.headers.get('vary')).toBe(method === 'OPTIONS' ? 'Origin' : 'Origin, Accept');
  });

  it('also one to what is not HTTP', async () => {
    const { socket, closed } = dial(gateway().url);
    socket.write('nonsense\r\n\r\n');
    const text = await closed;
    expect(text).toContain('400 Bad Request');
    expect(text).toContain('cache-control: private, no-store\r\n');
    expect(text).toContain('vary: Origin, Accept\r\n');
  });
});

describe('HEAD has the headers of GET and no body', () => {
  const query = encodeURIComponent('{ __schema { queryType { name } } }');
  it.each([
    '/',
    '/graphiql',
    '/health/live',
    '/health/ready',
    '/schema.graphql',
    `/graphql?query=${query}`,
    `/graphql?query=${encodeURIComponent('{ nothing }')}`,
    '/graphql?query=',
    '/graphql',
    `/graphql?query=${encodeURIComponent('mutation { deleteSnapshot(input: { uuid: "x" }) { scheduled } }')}`,
    `/graphql/stream?query=${encodeURIComponent('{ nothing }')}`,
    `/graphql/stream?query=${encodeURIComponent('subscription { snapshotChanges { kind } }')}`,
    '/graphql/stream?query=',
    '/nothing',
  ])('%s', async (path) => {
    const accept = path.startsWith('/graphql/stream') ? 'text/event-stream' : 'application/json';
    const [get, head] = await Promise.all(
      ['GET', 'HEAD'].map(async (method) => {
        const leave = new AbortController();
        const headers = { accept, 'x-request-id': 'same' };
        const response = await fetch(gateway().url + path, { method, headers, signal: leave.signal });
        // The connection is the client's affair, and a stream has no length.
        const own = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);
        const received = [...response.headers].filter(([name]) => !own.has(name));
        const length = method === 'HEAD' ? (await response.text()).length : undefined;
        leave.abort();
        return { status: response.status, headers: Object.fromEntries(received), length };
      }),
    );
    expect(head?.length).toBe(0);
    expect({ ...head, length: undefined }).toEqual(get);
  });

  it('of a subscription runs nothing', async () => {
    gateway().simulator.resetStats();
    const subscription = encodeURIComponent('subscription { snapshotChanges { kind } }');
    const headers = { accept: 'text/event-stream', authorization: `Token ${tokenOf('admin1')}` };
    await fetch(`${gateway().url}/graphql/stream?query=${subscription}`, { method: 'HEAD', headers });
    expect(gateway().calls()).toBe(0);
    expect(await (await fetch(`${gateway().url}/metrics`)).text()).toContain('\nwaldur_graph_event_streams 0\n');
  });
});

describe('a method that a path does not have is 405 with Allow', () => {
  it.each([
    ['/graphql', 'GET, HEAD, POST, OPTIONS'],
    ['/graphql/stream', 'GET, HEAD, POST, OPTIONS'],
    ['/health/live', 'GET, HEAD, OPTIONS'],
    ['/health/ready', 'GET, HEAD, OPTIONS'],
    ['/metrics', 'GET, HEAD, OPTIONS'],
    ['/schema.graphql', 'GET, HEAD, OPTIONS'],
    ['/', 'GET, HEAD, OPTIONS'],
    ['/graphiql', 'GET, HEAD, OPTIONS'],
  ])('%s', async (path, allow) => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'BREW']) {
      const response = await request(gateway().url + path, { method: method === 'BREW' ? 'PROPFIND' : method });
      expect([method, response.statusCode, response.headers.allow]).toEqual([method, 405, allow]);
      await response.body.dump();
    }
    const options = await fetch(gateway().url + path, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, allow]);
  });
});

describe('a body with a Content-Encoding', () => {
  const body = '{"query":"{ __typename }"}';
  const paths = ['/graphql', '/graphql/stream'] as const;
  const post = (path: string, encoding: string, sent: string | Uint8Array<ArrayBuffer>) =>
    fetch(gateway().url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: '*/*', 'content-encoding': encoding },
      body: sent,
    });

  it.each(['gzip', 'GZIP', 'x-gzip', 'br', 'deflate', 'zstd', 'identity, gzip', 'unknown', 'identityidentity'])(
    '%s is 415, and the answer says what is accepted',
    async (encoding) => {
      for (const path of paths) {
        const response = await post(path, encoding, Uint8Array.from(gzipSync(body)));
        expect([response.status, response.headers.get('accept-encoding')]).toEqual([415, 'identity']);
        expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
      }
    },
  );

  it.each(['identity', 'Identity', 'identity, identity', ''])('%j is read', async (encoding) => {
    for (const path of paths) {
      const response = await post(path, encoding, body);
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('"__typename":"Query"')]);
    }
  });
});

describe('a POST from a page', () => {
  it.each([
    ['http://localhost:5173', 'http://localhost:5173'],
    ['https://elsewhere.example', undefined],
    ['null', undefined],
  ])('of %s may be read by %s', async (origin, reader) => {
    const [answer, otherwise] = await Promise.all(
      ['application/json', 'Application/JSON'].map(async (type) => {
        const headers = { origin, 'content-type': type, 'x-request-id': 'same' };
        const response = await fetch(`${gateway().url}/graphql`, {
          method: 'POST',
          headers,
          body: '{"query":"{__typename}"}',
        });
        const { date: _, ...rest } = Object.fromEntries(response.headers);
        return { status: response.status, body: await response.text(), headers: rest };
      }),
    );
    expect(otherwise).toEqual(answer);
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('{"data":{"__typename":"Query"}}') });
    expect(answer?.headers['access-control-allow-origin']).toBe(reader);
    expect(answer?.headers['access-control-expose-headers']).toBe(reader && 'X-Request-Id, Retry-After');
    expect(answer?.headers.vary).toBe('Origin, Accept');
  });
});

describe('the log', () => {
  it('has one line for a request, with its id once', async () => {
    const from = gateway().log.length;
    await gateway().query('{ __typename }', { headers: { 'x-request-id': 'of-this-test' } });
    const linesOf = () =>
      gateway()
        .log.slice(from)
        .filter((line) => line.includes('of-this-test'));
    await vi.waitFor(() => expect(linesOf()).toHaveLength(1));
    const lines = linesOf();
    expect(lines[0]?.match(/of-this-test/g)).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      requestId: 'of-this-test',
      method: 'POST',
      route: '/graphql',
      status: 200,
      msg: 'request',
    });
    expect(lines[0]).not.toContain('reqId');
  });
});
