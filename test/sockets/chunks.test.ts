import net from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { useGateway } from '../support/gateway.ts';

/** Messages cut as small as can be: what has come of one is held in as many pieces until the last is here. */

const gateway = useGateway();
const MESSAGE = JSON.stringify({
  type: 'connection_init',
  payload: { Authorization: 'Token x', pad: 'x'.repeat(8_000) },
});
const TOO_MANY = 1008;

/** Opens a socket by hand, since a client's library would not send what follows. @returns what came of it. */
async function open(): Promise<{ socket: net.Socket; closedWith: () => number | undefined; text: () => string }> {
  const { hostname, port } = new URL(gateway().url);
  const socket = net.connect(Number(port), hostname).setNoDelay();
  onTestFinished(() => void socket.destroy());
  const came: Buffer[] = [];
  socket.on('data', (data) => came.push(data));
  // What is written to a socket that was closed meanwhile.
  socket.on('error', () => {});
  const text = (): string => Buffer.concat(came).toString('latin1');
  socket.write(
    'GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
  );
  await expect.poll(text).toContain('101 Switching Protocols');
  const closedWith = (): number | undefined => {
    const all = Buffer.concat(came);
    const at = all.indexOf(0x88, all.indexOf('\r\n\r\n') + 4);
    return at < 0 ? undefined : all.readUInt16BE(at + 2);
  };
  return { socket, closedWith, text };
}

/** A frame of a client, its mask all zeros. */
function frame(opcode: number, isLast: boolean, payload: string): Buffer {
  const head = Buffer.alloc(payload.length < 126 ? 6 : 8);
  head[0] = (isLast ? 0x80 : 0) | opcode;
  head[1] = 0x80 | Math.min(payload.length, 126);
  if (payload.length >= 126) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, Buffer.from(payload)]);
}

const cut = (text: string, length: number): string[] => text.match(new RegExp(`.{1,${length}}`, 'g')) ?? [];
const inFragments = (pieces: readonly string[]): Buffer =>
  Buffer.concat(pieces.map((piece, n) => frame(n === 0 ? 1 : 0, n === pieces.length - 1, piece)));

it('a fragmented message is read', async () => {
  const { socket, text } = await open();
  socket.write(inFragments(cut(MESSAGE, 100)));
  await expect.poll(text).toContain('connection_ack');
});

it('too many fragments close the socket', async () => {
  const { socket, closedWith } = await open();
  socket.write(inFragments(cut(MESSAGE, 1)));
  await expect.poll(closedWith).toBe(TOO_MANY);
});

it('a frame that arrives byte by byte closes the socket', async () => {
  const { socket, closedWith } = await open();
  for (const byte of frame(1, true, MESSAGE)) {
    socket.write(Buffer.of(byte));
    await turn();
  }
  await expect.poll(closedWith).toBe(TOO_MANY);
});
