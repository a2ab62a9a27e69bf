import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { tokenOf, useGateway } from '../support/gateway.ts';

const gateway = useGateway({ maxBodyBytes: 100_000 });
const QUERY = '?query=%7B__typename%7D';

const send = (path: string, init: RequestInit = {}) => fetch(gateway().url + path, init);
const post = (body: string, headers: Record<string, string> = {}) =>
  send('/graphql', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
const bodyOf = async (response: Response) =>
  (await response.json()) as { errors?: { message: string; extensions: { code: string } }[] };
const code = async (response: Response) => (await bodyOf(response)).errors?.[0]?.extensions.code;

describe('the GraphQL-over-HTTP protocol', () => {
  const audits = serverAudits({ url: () => `${gateway().url}/graphql`, fetchFn: fetch });

  it('has 61 audits', () => expect(audits).toHaveLength(61));

  it.each(audits)('$name', async (audit) => {
    const result = await audit.fn();
    expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok');
  });
});

describe('status codes', () => {
  const cases = [
    ['a syntax error', '{', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a wrong variable', 'query ($u: UUID!) { snapshot(uuid: $u) { uuid } }', 'BAD_USER_INPUT'],
    ['a subscription', 'subscription { snapshotChanges { kind } }', 'BAD_USER_INPUT'],
  ] as const;
  it.each(cases)('%s is 400, but 200 for a client that knows application/json only', async (_name, query, expected) => {
    for (const [accept, status] of [
      ['application/graphql-response+json', 400],
      ['*/*', 400],
      ['application/json', 200],
      ['Application/JSON', 200],
      ['application/graphql-response+json, application/json', 400],
    ] as const) {
      const response = await post(JSON.stringify({ query }), { accept });
      expect([accept, response.status]).toEqual([accept, status]);
      expect(await code(response)).toBe(expected);
    }
  });

  it('a subscription is refused with the URLs where it is supported', async () => {
    const { errors } = await bodyOf(await post(JSON.stringify({ query: 'subscription { snapshotChanges { kind } }' })));
    expect(errors?.[0]?.message).toMatch(/WebSocket.*server-sent events/);
  });

  it.each([
    ['application/json', 200],
    ['*/*', 400],
  ])('a subscription by GET is refused the same way for clients that accept %s', async (accept, status) => {
    const response = await send('/graphql?query=subscription%7BsnapshotChanges%7Bkind%7D%7D', { headers: { accept } });
    expect([response.status, response.headers.get('allow')]).toEqual([status, null]);
    const { errors } = await bodyOf(response);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
    expect(errors?.[0]?.message).toMatch(/WebSocket.*server-sent events/);
  });

  it.each([
    ['bad JSON', '{', 400],
    ['no query', '{}', 400],
    ['an empty query', '{"query": ""}', 400],
    ['null for a query', '{"query": null}', 400],
    ['a batch', '[{"query": "{__typename}"}]', 400],
    ['bytes that are no UTF-8', '\ud800', 400],
    ['a large body', JSON.stringify({ query: `{__typename #${'x'.repeat(100_000)}\n}` }), 413],
  ])('%s is 4xx for every client', async (_name, body, status) => {
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      expect((await post(body, { accept })).status).toBe(status);
    }
  });

  it('a chunked body is read, and is 413 when it exceeds the limit', async () => {
    const inChunks = (chunks: string[]) =>
      send('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: ReadableStream.from(chunks.map((chunk) => Buffer.from(chunk))),
        duplex: 'half',
      });
    expect(await bodyOf(await inChunks([...'{"query":"{__typename}"}']))).toEqual({ data: { __typename: 'Query' } });
    const large = await inChunks(Array.from({ length: 11 }, () => ' '.repeat(10_000)));
    expect([large.status, await code(large)]).toEqual([413, 'BAD_REQUEST']);
  });

  it('a body with a Content-Length above the limit is 413 before it is sent', async () => {
    const { hostname, port } = new URL(gateway().url);
    const headers = { 'content-type': 'application/json', 'content-length': '100001' };
    const request = http.request({ hostname, port, path: '/graphql', method: 'POST', headers });
    request.flushHeaders();
    const [{ statusCode }] = (await once(request, 'response')) as [http.IncomingMessage];
    request.destroy();
    expect(statusCode).toBe(413);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
  ])('content type %s is 415', async (type) =>
    expect((await post('{"query":"{__typename}"}', { 'content-type': type })).status).toBe(415),
  );

  it('a mutation by GET is 405 with Allow', async () => {
    const response = await send(
      '/graphql?query=mutation%7BpullSnapshot(input:%7Buuid:%220123456789abcdef0123456789abcdef%22%7D)%7B__typename%7D%7D',
      {
        headers: { accept: 'application/json' },
      },
    );
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('POST');
  });

  it.each(['PUT', 'DELETE', 'PATCH'])('%s is 405 with Allow', async (method) => {
    const response = await send('/graphql', { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
  });

  it('a long URL is 414', async () => expect((await send(`/graphql?query=${'x'.repeat(9_000)}`)).status).toBe(414));
  it('an unknown path is 404', async () => expect((await send('/nothing')).status).toBe(404));
});

describe('requests that a page of another origin can send without a preflight are refused', () => {
  it.each([
    ['a navigation', { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' }, 400],
    ['an image', { accept: 'image/*,*/*;q=0.8', 'sec-fetch-mode': 'no-cors' }, 400],
    ['a script', { accept: '*/*', 'sec-fetch-mode': 'no-cors' }, 400],
    ['fetch of a page', { accept: '*/*', 'sec-fetch-mode': 'cors' }, 200],
    ['curl', { accept: '*/*' }, 200],
    ['a client that names JSON', { accept: 'application/json', 'sec-fetch-mode': 'no-cors' }, 200],
    ['a preflight header', { accept: 'text/html,*/*;q=0.8', 'apollo-require-preflight': 'true' }, 200],
    ['a client that would rather have HTML', { accept: 'text/html, application/json;q=0.9' }, 200],
    ['one that takes nothing but HTML', { accept: 'text/html', 'apollo-require-preflight': 'true' }, 406],
  ])('GET as %s: %#', async (_name, headers, status) => {
    // fetch sets some of these headers itself, so the request is written by hand.
    const { request } = await import('node:http');
    const answer = await new Promise<(string | number | undefined)[]>((resolve, reject) => {
      request(`${gateway().url}/graphql${QUERY}`, { headers }, (response) => {
        response.resume();
        resolve([response.statusCode, response.headers['content-type']]);
      })
        .on('error', reject)
        .end();
    });
    // A page of HTML in the place of an answer would load scripts, and the lane would take its media type for that of answers.
    expect(answer).toEqual([status, 'application/json; charset=utf-8']);
  });
});

describe('headers', () => {
  it('answers are private and carry a request id', async () => {
    const response = await post('{"query":"{__typename}"}');
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
  });

  describe('from a trusted proxy', () => {
    const proxied = useGateway({ trustedProxies: ['loopback'] });

    it('include a request id, which is taken over unless it could harm a log', async () => {
      const idFor = async (id: string) =>
        (await proxied().query('{ __typename }', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
      expect(await idFor('abc-1')).toBe('abc-1');
      expect(await idFor('a b')).toMatch(/^[\w-]{36}$/);
    });
  });

  it('pages on localhost are allowed in embedded mode, others are not', async () => {
    const preflight = (origin: string) =>
      send('/graphql', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    const own = await preflight('http://localhost:5173');
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([204, 'http://localhost:5173']);
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('only headers of the allow-list are sent upstream', async () => {
    await post(JSON.stringify({ query: '{ viewer { uuid } }' }), {
      authorization: `Token ${tokenOf('staff')}`,
      cookie: 'session=secret',
      'x-anything': 'x',
      'x-forwarded-for': '198.51.100.7',
      'accept-language': 'et',
    });
    const headers = (await gateway().requests()).at(-1)?.headers ?? {};
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['cookie']));
    expect(headers['x-anything']).toBeUndefined();
    expect(headers['x-forwarded-for']).toBe('127.0.0.1');
    expect(headers['accept-language']).toBe('et');
  });

  it('the gateway never serves the control endpoints of the embedded Waldur', async () => {
    expect((await send('/__sim/tokens')).status).toBe(404);
  });
});

describe('health and schema', () => {
  it('is live and ready; readiness probes the upstream at most every 5 s', async () => {
    expect((await send('/health/live')).status).toBe(200);
    expect((await send('/health/ready')).status).toBe(200);
    await send('/health/ready');
    expect(gateway().calls()).toBeLessThanOrEqual(1);
  });

  it('the SDL is served as one document, the committed one, with costs and without extensions', async () => {
    const response = await send('/schema.graphql');
    expect(response.headers.get('content-type')).toContain('text/plain');
    const sdl = await response.text();
    expect(sdl).toBe(readFileSync(new URL('../../schema/printed/schema.graphql', import.meta.url), 'utf8'));
    expect(sdl).not.toMatch(/^extend /m);
    expect(sdl).toMatch(/^ {2}\): SnapshotConnection @listSize\(/m);
  });

  it('introspection describes scalars', async () => {
    const scalar = (name: string) => `${name}: __type(name: "${name}") { kind description specifiedByURL }`;
    const { data } = await gateway().query(`{ ${['UUID', 'DateTime', 'JSON'].map(scalar).join(' ')} }`);
    const described = (url: string, start: string) => ({
      kind: 'SCALAR',
      description: expect.stringMatching(start),
      specifiedByURL: `https://www.rfc-editor.org/rfc/${url}`,
    });
    expect(data).toEqual({
      UUID: described('rfc9562', '^The uuid of a Waldur object'),
      DateTime: described('rfc3339', '^A point in time'),
      JSON: described('rfc8259', '^Any JSON value'),
    });
  });
});

describe('without introspection', () => {
  const closed = useGateway({ introspection: false });
  it('neither the introspection query nor the schema file is available', async () => {
    const { errors } = await closed().query('{ __schema { types { name } } }');
    expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect((await fetch(`${closed().url}/schema.graphql`)).status).toBe(404);
    expect((await closed().query('{ __typename }')).errors).toBeUndefined();
  });
});
