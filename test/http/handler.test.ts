import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { dial, postText, requestText } from '../support/connection.ts';
import { startGateway, tokenOf, useGateway } from '../support/gateway.ts';

/** The way that every request takes: its body, its route, its answer. */

const MOST_BYTES = 10_000;
const gateway = useGateway({ maxBodyBytes: MOST_BYTES, trustedProxies: ['loopback'] });
const url = () => gateway().url;
const BODY = JSON.stringify({ query: '{ __typename } # tvåhundra' });
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const CHUNKED = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };

const linesOf = (id: string) =>
  gateway()
    .log.filter((line) => line.includes(id))
    .map((line) => JSON.parse(line) as { status: number; route: string });

describe('a request body', () => {
  const bytes = Buffer.from(BODY);
  const headers = postText('', {}, bytes.length);

  it.each([
    ['in one piece', [bytes]],
    // Also between the two bytes of a letter.
    ['byte by byte', [...bytes].map((byte) => Buffer.of(byte))],
  ])('is read in any framing: %s', async (_name, pieces) => {
    const { socket, text } = dial(url());
    socket.write(headers);
    for (const piece of pieces) {
      socket.write(piece);
      await turn();
    }
    await expect.poll(text).toContain('{"data":{"__typename":"Query"}}');
  });

  it('in chunks is refused when it exceeds the limit, complete or not', async () => {
    const { socket, closed } = dial(url());
    socket.write(requestText('POST', '/graphql', CHUNKED));
    const chunk = `400\r\n${'x'.repeat(1_024)}\r\n`;
    for (let size = 0; size <= MOST_BYTES; size += 1_024) socket.write(chunk);
    const answer = await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*\r\nconnection: close\r\n/is);
    expect(answer).toContain(`The body can have at most ${MOST_BYTES} bytes.`);
  });

  it.each([
    ['/graphql', 413],
    ['/graphql/stream', 413],
    ['/nothing', 404],
  ])('with a Content-Length above the limit is not waited for: %s', async (target, status) => {
    const { socket, closed } = dial(url());
    const sent = { 'Content-Type': 'application/json', 'Content-Length': String(MOST_BYTES + 1) };
    socket.write(requestText('POST', target, sent));
    expect(await closed).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\nconnection: close\r\n`, 'is'));
  });

  it('whose client leaves is not executed, and is logged with the status for a client that left', async () => {
    const { socket, text } = dial(url());
    socket.write(postText('', { 'X-Request-Id': 'left-within', Expect: '100-continue' }, 1_000));
    // From here on it is read.
    await expect.poll(text).toBe(CONTINUE);
    socket.write('{"query":');
    socket.destroy();
    await vi.waitFor(() => expect(linesOf('left-within')).toMatchObject([{ status: 499, route: '/graphql' }]));
    expect(gateway().calls()).toBe(0);
  });
});

describe('Expect: 100-continue', () => {
  const EXPECT = { Expect: '100-continue' };

  it('the client gets 100 Continue, and then the response', async () => {
    const { socket, text, statuses } = dial(url());
    socket.write(postText('', EXPECT, BODY.length + 1));
    await expect.poll(text).toBe(CONTINUE);
    socket.write(BODY);
    await expect.poll(statuses).toEqual([100, 200]);
  });

  it('after another request on its connection, in order', async () => {
    const { socket, statuses } = dial(url());
    socket.write(requestText('GET', '/health/live') + postText('', EXPECT, BODY.length + 1));
    await expect.poll(statuses).toEqual([200, 100]);
    socket.write(BODY);
    await expect.poll(statuses).toEqual([200, 100, 200]);
  });

  it.each([
    ['too large', postText('', EXPECT, MOST_BYTES + 1), 413],
    ['of another type', postText('', { ...EXPECT, 'Content-Type': 'text/plain' }, 10), 415],
    ['by a method that has none', requestText('PUT', '/graphql', { ...EXPECT, 'Content-Length': '10' }), 405],
  ])('a request that is refused need not send its body: %s', async (_name, request, status) => {
    const { socket, statuses, closed } = dial(url());
    socket.write(request);
    expect(await closed).toMatch(/\r\nconnection: close\r\n/i);
    expect(statuses()).toEqual([status]);
  });

  it('any other expectation is 417', async () => {
    const { socket, text } = dial(url());
    socket.write(postText(BODY, { Expect: 'the unexpected' }));
    await expect.poll(text).toMatch(/^HTTP\/1\.1 417 .*"code":"BAD_REQUEST"/s);
  });
});

it('requests of all kinds share one connection, sequential and pipelined', async () => {
  const chunked = requestText('POST', '/graphql', CHUNKED, `${(BODY.length + 1).toString(16)}\r\n${BODY}\r\n0\r\n\r\n`);
  const kinds: [string, number][] = [
    [postText(BODY), 200],
    [requestText('GET', '/health/live'), 200],
    // A body that nobody reads.
    [postText(BODY, { 'Content-Type': 'text/plain' }), 415],
    [chunked, 200],
    [requestText('GET', '/nothing', { 'Content-Length': '4' }, 'body'), 404],
    [requestText('OPTIONS', '/graphql'), 204],
    [requestText('HEAD', '/health/live'), 200],
    [postText('{'), 400],
    [postText(BODY), 200],
  ];
  const expected = kinds.map(([, status]) => status);
  const { socket, statuses } = dial(url());
  for (const [n, [text]] of kinds.entries()) {
    socket.write(text);
    await expect.poll(statuses).toEqual(expected.slice(0, n + 1));
  }
  socket.write(kinds.map(([text]) => text).join(''));
  await expect.poll(statuses).toEqual([...expected, ...expected]);
});

it('invalid bytes after a request whose response has started are not answered within that response', async () => {
  const { socket, text, closed } = dial(url());
  const query = encodeURIComponent('subscription { snapshotChanges(filter: {}) { kind } }');
  const headers = { Accept: 'text/event-stream', Authorization: `Token ${tokenOf('staff')}` };
  socket.write(requestText('GET', `/graphql/stream?query=${query}`, headers));
  await expect.poll(text).toContain('event: next');
  socket.write('HELO gateway\r\n\r\n');
  expect(await closed).not.toContain('HTTP/1.1 400');
});

describe('routes', () => {
  const statusOf = async (method: string, target: string): Promise<number | undefined> => {
    const { socket, statuses, closed } = dial(url());
    socket.write(requestText(method, target, { Connection: 'close' }));
    await closed;
    return statuses()[0];
  };

  it.each([
    ['/health/live/', 200],
    ['/health/live?x=%', 200],
    ['/health/live/?x', 200],
    ['/health/live#x?y', 200],
    ['/%68ealth/live', 200],
    ['http://elsewhere.example/health/live?x', 200],
    ['http://elsewhere.example', 200],
    ['/health/live//', 404],
    ['//health/live', 404],
    ['/Health/live', 404],
    ['/health%2Flive', 404],
    ['/health/live;x', 404],
    ['/graphiql/static', 404],
    ['/constructor', 404],
    ['/health/live%', 400],
    ['*', 400],
  ])('%s is %i', async (target, status) => expect(await statusOf('GET', target)).toBe(status));

  it.each(['/', '/graphiql', '/metrics', '/health/live', '/health/ready', '/schema.graphql'])(
    '%s supports GET, HEAD and OPTIONS, and no other method',
    async (path) => {
      for (const method of ['POST', 'PUT', 'DELETE', 'TRACE']) {
        expect([method, await statusOf(method, path)]).toEqual([method, 405]);
      }
      expect(await statusOf('OPTIONS', path)).toBe(204);
    },
  );

  it.each(['/', '/graphiql', '/health/live', '/schema.graphql', '/nothing'])(
    'HEAD of %s has the headers of GET and no body',
    async (path) => {
      const [get, head] = await Promise.all(
        ['GET', 'HEAD'].map(async (method) => {
          const headers = { 'x-request-id': 'same', accept: 'text/html' };
          const response = await fetch(url() + path, { method, headers });
          // The client has its own ways with connections.
          const { date, connection, 'keep-alive': time, ...rest } = Object.fromEntries(response.headers);
          return { status: response.status, headers: rest, length: (await response.text()).length };
        }),
      );
      expect(get?.length).toBeGreaterThan(0);
      expect(head).toEqual({ ...get, length: 0 });
    },
  );

  it('/graphql has no other methods than GET, HEAD, POST and OPTIONS', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE']) expect(await statusOf(method, '/graphql')).toBe(405);
  });
});

describe('a preflight', () => {
  const ask = (path: string, origin: string) =>
    fetch(url() + path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

  it.each(['/graphql', '/graphql/stream'])('of an allowed page gets methods and headers of %s', async (path) => {
    const { status, headers } = await ask(path, 'http://localhost:5173');
    expect([status, Object.fromEntries(headers)]).toMatchObject([
      204,
      {
        'access-control-allow-origin': 'http://localhost:5173',
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': expect.stringContaining('Authorization, Content-Type'),
        'access-control-max-age': '600',
        vary: 'Origin',
      },
    ]);
  });

  it('of any other page gets no CORS headers', async () => {
    const { status, headers } = await ask('/graphql', 'https://elsewhere.example');
    expect(status).toBe(204);
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('during shutdown', () => {
  it('running requests are answered, and their connections are closed afterwards', async () => {
    const own = await startGateway({ shutdownTimeoutMs: 60_000 });
    const [busy, idle] = [dial(own.url), dial(own.url)];
    idle.socket.write(requestText('GET', '/health/live'));
    await expect.poll(idle.statuses).toEqual([200]);
    own.simulator.faults.add({ path: '/api/', latencyMs: 300 });
    const query = JSON.stringify({ query: '{ volumes { totalCount } }' });
    busy.socket.write(postText(query, { Authorization: `Token ${tokenOf('staff')}` }));
    await vi.waitFor(() => expect(own.simulator.stats().inFlight).toBe(1), { interval: 2 });
    const ended = own.gateway.close();
    expect(await busy.closed).toMatch(/^HTTP\/1\.1 200 .*\r\nconnection: close\r\n/is);
    await idle.closed;
    await ended;
  });
});
