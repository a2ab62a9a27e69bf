import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { useGateway } from '../support/gateway.ts';

describe('a refused upgrade', () => {
  const gateway = useGateway();
  const upgrade = 'GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

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
