/** What a WebSocket client writes to a bare connection, so that it can break off, flood or not read as no library would. */

/** The request that opens a socket. */
export const UPGRADE =
  'GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n';

/** A frame of a client, its mask all zeros. @param announced length of the payload, which may be more than comes. */
export function frame(opcode: number, payload: string, announced = payload.length, isLast = true): Buffer {
  const head = Buffer.alloc(announced < 126 ? 6 : 14);
  head[0] = (isLast ? 0x80 : 0) | opcode;
  head[1] = 0x80 | (announced < 126 ? announced : 127);
  if (announced >= 126) head.writeBigUInt64BE(BigInt(announced), 2);
  return Buffer.concat([head, Buffer.from(payload)]);
}

/** A message of the protocol, as one frame. */
export const text = (message: object): Buffer => frame(1, JSON.stringify(message));
export const INIT = text({ type: 'connection_init', payload: { Authorization: 'Token x' } });
