import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Socket } from 'node:net';

/** A proxy in front of a gateway that cuts connections, also in the middle of a message. */
export interface Cuts {
  readonly url: string;
  /** Connections go here from now on. */
  forwardTo(port: number): void;
  /** Cuts all connections at once. */
  now(): void;
  /** Cuts all connections, and takes no others. @returns a function that ends it */
  outage(): () => void;
  /** Cuts all connections when one more of them has carried so many bytes from the gateway. */
  after(bytes: number): void;
  /** Connections that were open when they were cut. */
  readonly count: () => number;
  close(): Promise<void>;
}

export async function startCuts(): Promise<Cuts> {
  const open = new Set<Socket>();
  let target = 0;
  let left = Number.POSITIVE_INFINITY;
  let count = 0;
  let isOut = false;
  const cut = (): void => {
    left = Number.POSITIVE_INFINITY;
    count += open.size;
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    if (isOut) {
      client.on('error', () => {}).destroy();
      return;
    }
    const gateway = dial(target, '127.0.0.1');
    open.add(client);
    client.on('data', (chunk) => gateway.write(chunk));
    gateway.on('data', (chunk) => {
      if (chunk.length < left) {
        left -= chunk.length;
        client.write(chunk);
        return;
      }
      // The part that arrives ends within a message.
      client.write(chunk.subarray(0, left), () => cut());
      left = Number.POSITIVE_INFINITY;
    });
    const close = (): void => {
      open.delete(client);
      client.destroy();
      gateway.destroy();
    };
    for (const socket of [client, gateway]) socket.on('close', close).on('error', close);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    forwardTo(next) {
      target = next;
    },
    now: cut,
    outage() {
      isOut = true;
      cut();
      return () => {
        isOut = false;
      };
    },
    after(bytes) {
      left = bytes;
    },
    count: () => count,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
