import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { startGateway, useGateway } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';

const upgradeTo = (path: string, origin = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${origin}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`;

/** The lines of the answer to an upgrade that is refused. */
async function answerTo(url: string, upgrade: string): Promise<string[]> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.write(upgrade);
  await once(socket, 'close');
  return answer.split('\r\n');
}

describe('a refused upgrade', () => {
  const gateway = useGateway();
  const upgrade = upgradeTo('/nothing');

  it.each([
    ['another path', upgrade, '404 Not Found'],
    ['a foreign page', upgradeTo('/graphql', 'Origin: https://evil.example\r\n'), '403 Forbidden'],
  ])('from %s is kept by no cache', async (_name, request, status) => {
    const lines = await answerTo(gateway().url, request);
    expect(lines).toEqual(expect.arrayContaining([`HTTP/1.1 ${status}`, 'Cache-Control: no-store', 'Vary: Origin']));
  });

  it('during a shutdown says when to retry', async () => {
    const draining = await startGateway({ socketDrainMs: 1_000 });
    // The second one is closed after half of the time.
    await openSocket(draining.url);
    await openSocket(draining.url);
    const closed = draining.gateway.close();
    const lines = await answerTo(draining.url, upgradeTo('/graphql'));
    expect(lines).toEqual(expect.arrayContaining(['HTTP/1.1 503 Service Unavailable', 'Retry-After: 1']));
    await closed;
  });

  it('may be reset by its client at any moment without ending the process', async () => {
    const port = Number(new URL(gateway().url).port);
    for (let turn = 0; turn < 50; turn += 1) {
      const socket = net.connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(upgrade, () => socket.resetAndDestroy());
      await once(socket, 'close');
    }
    expect((await gateway().query('{ __typename }')).data).toEqual({ __typename: 'Query' });
  });
});
