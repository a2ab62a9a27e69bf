import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { useGateway } from '../support/gateway.ts';

describe('an invalid URL', () => {
  const gateway = useGateway();

  const get = async (target: string): Promise<string> => {
    const socket = net.connect(Number(new URL(gateway().url).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.end(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    await once(socket, 'close');
    return Buffer.concat(chunks).toString('latin1');
  };

  it.each(['/graphql%', '/%E0%A4%A', 'http://[bad/graphql', 'https://:0:0/graphql?query={__typename}'])(
    '%s is answered like every other bad request',
    async (target) => {
      const answer = await get(target);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toMatch(/\r\ncache-control: private, no-store\r\n/i);
      expect(answer).toMatch(/\r\nx-content-type-options: nosniff\r\n/i);
      expect(answer).toMatch(/"code":"BAD_REQUEST"/);
      expect(answer).toMatch(/\r\nx-request-id: [\w-]{36}\r\n/i);
      expect(answer).not.toContain(target);
    },
  );
});
