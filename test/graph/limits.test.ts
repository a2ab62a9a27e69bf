import { describe, expect, it } from 'vitest';
import { BOMBS } from '../support/bombs.ts';
import { useGateway } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';

/** Documents that ask for too much get the same verdict over HTTP and over a socket, and cost the upstream nothing. */
const gateway = useGateway();

describe.each(BOMBS)('%s', (_name, document, code) => {
  it('is refused over HTTP', async () => {
    const { status, errors } = await gateway().query(document);
    expect([status, errors?.[0]?.extensions.code]).toEqual([code === 'BAD_USER_INPUT' ? 200 : 400, code]);
    expect(gateway().calls()).toBe(0);
  });

  it('is refused over a socket, which stays open', async () => {
    const socket = await openSocket(gateway().url);
    await socket.init();
    socket.send({ id: 'bomb', type: 'subscribe', payload: { query: document } });
    expect(JSON.stringify(await socket.next())).toContain(code);
    socket.send({ id: 'after', type: 'subscribe', payload: { query: '{ __typename }' } });
    await socket.until(({ id, type }) => id === 'after' && type === 'next');
    socket.close();
    expect(gateway().calls()).toBe(0);
  });
});

it('a variable list of 100,000 elements is refused', async () => {
  const uuids = Array.from({ length: 100_000 }, () => 'a');
  const query = 'query ($uuids: [UUID!]!) { snapshotsByUuid(uuids: $uuids) { uuid } }';
  const { errors } = await gateway().query(query, { variables: { uuids } });
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(gateway().calls()).toBe(0);
});

it('the cost is returned on request', async () => {
  const { extensions } = await gateway().query('{ snapshots(first: 7) { nodes { uuid } } }', {
    headers: { 'x-explain': 'cost' },
  });
  expect(JSON.stringify(extensions)).toContain('7');
});

describe('limits can be configured', () => {
  const narrow = useGateway({ maxDepth: 2 });
  it('a lower limit applies', async () => {
    expect((await narrow().query('{ snapshots { nodes { uuid } } }')).errors).toMatchObject([
      { extensions: { code: 'QUERY_TOO_COMPLEX' } },
    ]);
  });
});
