import { describe, expect, it } from 'vitest';
import { tokenOf, useGateway } from '../support/gateway.ts';
import { type Message, openSocket, type RawSocket } from '../support/socket.ts';

/**
 * An audit of the subprotocol graphql-transport-ws. What stands in quotes is the protocol's own text
 * (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).
 */
const gateway = useGateway();
const query = (id: string, text = '{ __typename }') => ({ id, type: 'subscribe', payload: { query: text } });

async function opened(): Promise<RawSocket> {
  const socket = await openSocket(gateway().url);
  await socket.init();
  return socket;
}

/** Sends and tells the code with which the socket is closed. */
async function closeCode(socket: RawSocket, ...messages: unknown[]): Promise<number> {
  for (const message of messages) socket.send(message);
  return (await socket.closed).code;
}

/** The socket lives: a query still runs. */
async function expectAlive(socket: RawSocket): Promise<void> {
  socket.send(query('alive'));
  const messages = await socket.until(({ type, id }) => type === 'complete' && id === 'alive');
  expect(messages.at(-2)).toEqual({ id: 'alive', type: 'next', payload: { data: { __typename: 'Query' } } });
  socket.close();
}

describe('the sub-protocol', () => {
  it('"graphql-transport-ws" is accepted, another one is closed with 4406', async () => {
    await expectAlive(await opened());
    const other = await openSocket(gateway().url, { protocol: 'graphql-ws' }).catch((error: Error) => error);
    if (other instanceof Error) expect(other.message).toMatch(/subprotocol|400/i);
    else expect((await other.closed).code).toBe(4406);
  });
});

describe('ConnectionInit', () => {
  it('"the server must respond with ConnectionAck"', async () => {
    const socket = await openSocket(gateway().url);
    socket.send({ type: 'connection_init' });
    expect(await socket.next()).toEqual({ type: 'connection_ack' });
    socket.close();
  });

  it('"If the server receives more than one ConnectionInit message at any given time, the server will close the socket with the event 4429: Too many initialisation requests"', async () => {
    expect(await closeCode(await opened(), { type: 'connection_init' })).toBe(4429);
  });

  it('"If the client wants to execute an operation before the ack, the server will close the socket with 4401: Unauthorized"', async () => {
    expect(await closeCode(await openSocket(gateway().url), query('1'))).toBe(4401);
  });

  it('is acknowledged without credentials; fields that need Waldur then say UNAUTHENTICATED', async () => {
    const socket = await opened();
    socket.send(query('1', '{ viewer { uuid } }'));
    expect(await socket.next()).toMatchObject({
      payload: { data: { viewer: null }, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    });
    socket.close();
  });

  it.each([
    ['Authorization', { Authorization: `Token ${tokenOf('admin1')}` }],
    ['authorization', { authorization: `Token ${tokenOf('admin1')}` }],
    ['headers.Authorization', { headers: { Authorization: `Token ${tokenOf('admin1')}` } }],
  ])('takes the credentials from %s', async (_name, params) => {
    const socket = await openSocket(gateway().url);
    await socket.init(params);
    socket.send(query('1', '{ viewer { username } }'));
    expect(await socket.next()).toMatchObject({ payload: { data: { viewer: { username: 'admin1' } } } });
    socket.close();
  });

  it('takes the credentials from the upgrade unless the parameters have some', async () => {
    const headers = { authorization: `Token ${tokenOf('admin1')}` };
    for (const [params, username] of [
      [{}, 'admin1'],
      [{ Authorization: `Token ${tokenOf('admin2')}` }, 'admin2'],
    ] as const) {
      const socket = await openSocket(gateway().url, { headers });
      await socket.init({ ...params });
      socket.send(query('1', '{ viewer { username } }'));
      expect(await socket.next()).toMatchObject({ payload: { data: { viewer: { username } } } });
      socket.close();
    }
  });

  it.each(['Token a\r\nX: y', 'Token \0', 'Token é'])(
    'credentials %j are invalid, and appear in no output',
    async (Authorization) => {
      const socket = await openSocket(gateway().url);
      await socket.init({ Authorization });
      socket.send(query('1', '{ viewer { uuid } }'));
      const answer = await socket.next();
      expect(answer).toMatchObject({ payload: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
      expect(JSON.stringify(answer)).not.toContain('Token \\');
      expect(gateway().calls()).toBe(0);
      socket.close();
    },
  );
});

describe('Ping, Pong', () => {
  it('"A Pong must be sent in response from the receiving party as soon as possible"', async () => {
    const socket = await opened();
    socket.send({ type: 'ping', payload: { a: 1 } });
    expect(await socket.next()).toEqual({ type: 'pong', payload: { a: 1 } });
    await expectAlive(socket);
  });

  it('"The Pong message can be sent at any time", even before the ack', async () => {
    const socket = await openSocket(gateway().url);
    socket.send({ type: 'pong' });
    await socket.init();
    await expectAlive(socket);
  });
});

describe('Subscribe', () => {
  it('a query gets Next, then Complete', async () => {
    const socket = await opened();
    socket.send(query('a'));
    expect([await socket.next(), await socket.next()]).toEqual([
      { id: 'a', type: 'next', payload: { data: { __typename: 'Query' } } },
      { id: 'a', type: 'complete' },
    ]);
    socket.close();
  });

  // A close frame has room for 123 bytes of reason, which an id may exceed.
  it.each(['x', 'x'.repeat(500)])(
    '"If there is already an active subscriber with the same ID, the server will close the socket with 4409": %s',
    async (id) => {
      const socket = await openSocket(gateway().url);
      await socket.init({ Authorization: `Token ${tokenOf('admin1')}` });
      const long = query(id, 'subscription { snapshotChanges { kind } }');
      expect(await closeCode(socket, long, long)).toBe(4409);
    },
  );

  it('an id may be used again after its operation has ended', async () => {
    const socket = await opened();
    for (let i = 0; i < 2; i++) {
      socket.send(query('again'));
      await socket.until(({ type }) => type === 'complete');
    }
    await expectAlive(socket);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''.padEnd(500, 'x')])(
    '%j is an id like any other',
    async (id) => {
      const socket = await opened();
      socket.send(query(id));
      expect(await socket.next()).toEqual({ id, type: 'next', payload: { data: { __typename: 'Query' } } });
      await socket.next();
      await expectAlive(socket);
    },
  );

  it.each(['__proto__', '"', '\\', '\n', '","type":"complete","x":"', 'ä\u2028😀'])(
    '%j is the id of a subscription like any other',
    async (id) => {
      const socket = await openSocket(gateway().url);
      await socket.init({ Authorization: `Token ${tokenOf('stranger')}` });
      socket.send(query(id, 'subscription { snapshotChanges { kind } }'));
      expect(await socket.next()).toEqual({
        id,
        type: 'next',
        payload: { data: { snapshotChanges: { kind: 'RESET' } } },
      });
      socket.close();
    },
  );

  it.each([
    ['a syntax error', '{', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a missing variable', 'query ($u: UUID!) { snapshot(uuid: $u) { uuid } }', 'BAD_USER_INPUT'],
    ['two operations without a name', 'query A { __typename } query B { __typename }', 'OPERATION_RESOLUTION_FAILURE'],
  ])('%s is an Error message for that id, and "the socket remains open"', async (_name, text, code) => {
    const socket = await opened();
    socket.send(query('bad', text));
    expect(await socket.next()).toMatchObject({ id: 'bad', type: 'error', payload: [{ extensions: { code } }] });
    await expectAlive(socket);
  });

  it('an execution error is part of Next', async () => {
    const socket = await opened();
    socket.send(query('1', '{ snapshots(first: -1) { totalCount } }'));
    expect(await socket.next()).toMatchObject({
      id: '1',
      type: 'next',
      payload: { data: { snapshots: null }, errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'first' } }] },
    });
    await expectAlive(socket);
  });

  it('a mutation runs over a socket', async () => {
    const socket = await openSocket(gateway().url);
    await socket.init({ Authorization: `Token ${tokenOf('admin1')}` });
    const uuid = '0123456789abcdef'.repeat(2);
    socket.send(query('1', `mutation { deleteSnapshot(input: {uuid: "${uuid}"}) { scheduled userErrors { code } } }`));
    expect(await socket.next()).toMatchObject({
      payload: { data: { deleteSnapshot: { scheduled: false, userErrors: [{ code: 'NOT_FOUND' }] } } },
    });
    await expectAlive(socket);
  });
});

describe('Complete', () => {
  it('from the client ends its subscription; no message for that id follows', async () => {
    const socket = await openSocket(gateway().url);
    await socket.init({ Authorization: `Token ${tokenOf('stranger')}` });
    socket.send(query('s', 'subscription { snapshotChanges { kind } }'));
    await socket.until(({ payload }) => JSON.stringify(payload).includes('BOOKMARK'));
    socket.send({ id: 's', type: 'complete' });
    await expectAlive(socket);
  });

  it('frees its id immediately for another operation', async () => {
    const socket = await openSocket(gateway().url);
    await socket.init({ Authorization: `Token ${tokenOf('stranger')}` });
    const isBookmark = ({ payload }: Message) => JSON.stringify(payload ?? '').includes('BOOKMARK');
    const long = query('s', 'subscription { snapshotChanges { kind } }');
    socket.send(long);
    await socket.until(isBookmark);
    for (let i = 0; i < 5; i++) {
      socket.send({ id: 's', type: 'complete' });
      socket.send(long);
      expect(await socket.until(isBookmark)).toMatchObject([
        { id: 's', type: 'next', payload: { data: { snapshotChanges: { kind: 'RESET' } } } },
        { id: 's', type: 'next' },
      ]);
    }
    socket.send({ id: 's', type: 'complete' });
    await expectAlive(socket);
  });

  it('of a running query: its result is not sent as that of the next operation with the same id', async () => {
    const socket = await openSocket(gateway().url);
    await socket.init({ Authorization: `Token ${tokenOf('admin1')}` });
    gateway().simulator.faults.add({ path: '/api/users/me', latencyMs: 100, times: 2 });
    socket.send(query('q', '{ viewer { username } }'));
    socket.send({ id: 'q', type: 'complete' });
    socket.send(query('q', '{ never: __typename }'));
    socket.send({ id: 'q', type: 'complete' });
    socket.send(query('q'));
    expect([await socket.next(), await socket.next()]).toEqual([
      { id: 'q', type: 'next', payload: { data: { __typename: 'Query' } } },
      { id: 'q', type: 'complete' },
    ]);
    socket.send(query('r', '{ viewer { username } }'));
    socket.send({ id: 'r', type: 'complete' });
    socket.send(query('r'));
    socket.send(query('r'));
    expect((await socket.closed).code).toBe(4409);
  });

  it('"even if the client sent a Complete message for a single-result-operation before it resolved, the result should not be sent"', async () => {
    const socket = await openSocket(gateway().url);
    await socket.init({ Authorization: `Token ${tokenOf('admin1')}` });
    gateway().simulator.faults.add({ path: '/api/users/me', latencyMs: 100, times: 1 });
    socket.send(query('q', '{ viewer { username } }'));
    socket.send({ id: 'q', type: 'complete' });
    socket.send(query('after', '{ viewer { username } }'));
    const messages = await socket.until(({ type }) => type === 'complete');
    expect(messages.map(({ id, type }) => [id, type])).toEqual([
      ['after', 'next'],
      ['after', 'complete'],
    ]);
    await expectAlive(socket);
  });

  it('for an unknown id is ignored', async () => {
    const socket = await opened();
    socket.send({ id: 'nobody', type: 'complete' });
    await expectAlive(socket);
  });
});

describe('"Receiving a message of a type or format which is not specified in this document will result in an immediate socket closure with 4400"', () => {
  it.each([
    ['no JSON', 'hello'],
    ['an empty text', ''],
    ['a number', '5'],
    ['null', 'null'],
    ['an array', '[]'],
    ['no type', '{}'],
    ['an unknown type', '{"type":"start"}'],
    ['a type of the server', '{"type":"connection_ack"}'],
    ['subscribe without an id', '{"type":"subscribe","payload":{"query":"{__typename}"}}'],
    ['subscribe with an empty id', '{"id":"","type":"subscribe","payload":{"query":"{__typename}"}}'],
    ['subscribe with a number as id', '{"id":1,"type":"subscribe","payload":{"query":"{__typename}"}}'],
    ['subscribe without a payload', '{"id":"1","type":"subscribe"}'],
    ['subscribe without a query', '{"id":"1","type":"subscribe","payload":{}}'],
    ['a query that is not a string', '{"id":"1","type":"subscribe","payload":{"query":{}}}'],
    ['complete without an id', '{"type":"complete"}'],
    ['a ping whose payload is no object', '{"type":"ping","payload":1}'],
    ['a binary frame', Buffer.from('{"type":"ping"}')],
  ])('%s', async (_name, message) => {
    expect(await closeCode(await opened(), message)).toBe(4400);
  });

  it('parameters that are not an object', async () => {
    expect(await closeCode(await openSocket(gateway().url), '{"type":"connection_init","payload":5}')).toBe(4400);
  });
});

describe('the upgrade', () => {
  it.each(['https://evil.example', 'null', 'http://127.0.0.1.evil.example'])(
    'from the foreign origin %s is refused',
    async (origin) => {
      await expect(openSocket(gateway().url, { headers: { origin } })).rejects.toThrow('403');
    },
  );

  it('from localhost is accepted in embedded mode', async () => {
    const socket = await openSocket(gateway().url, { headers: { origin: 'http://localhost:3000' } });
    expect(socket.open).toBe(true);
    socket.close();
  });
});
