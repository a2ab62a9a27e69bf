import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

/** Answers are read into this memory, of whatever connection, and copied out of it at once. Most lists fit in. */
const READ = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * How connections to Waldur are opened. As undici does it, but for what they are read into: for each read Node takes 64 KiB from beside the
 * heap, gives back what was too much, and has the rest swept later, which costs a small answer more than its parsing; and a list
 * of 200 KiB comes in several pieces, each on its own way through streams and parser (decision 16). TLS has its own buffers.
 *
 * @param timeoutMs how long a connection may take to open.
 */
export function connectorOf(timeoutMs: number): buildConnector.connector {
  const secure = buildConnector({ timeout: timeoutMs });
  return (options, callback) => {
    if (options.protocol === 'https:') return secure(options, callback);
    let socket: Socket | undefined;
    const settings = {
      timeout: timeoutMs,
      // Room for two, so that a full one does not hold the connection back.
      highWaterMark: 2 * READ.length,
      onread: {
        buffer: READ,
        callback: (bytes: number) => socket?.push(Buffer.from(READ.subarray(0, bytes))) ?? true,
      },
    };
    buildConnector(settings)(options, (...connected) => {
      // Nothing is read before.
      socket = connected[1] ?? undefined;
      callback(...connected);
    });
  };
}
