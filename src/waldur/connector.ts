import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

/** What any plain connection reads comes here first, and is copied out at once. Most lists fit in. */
const SHARED = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * How connections to Waldur are opened. As undici does it, but for what plain ones are read into: for each read Node takes 64 KiB from
 * beside the heap, gives back what was too much, and has the rest swept later; and a long list comes in several pieces, each on its own
 * way through streams and parser (decision 16).
 *
 * @param timeoutMs how long a connection may take to open.
 * @param onNone told of each that could not be opened, and why.
 */
export function connectorOf(
  timeoutMs: number,
  onNone: ((reason: Error) => void) | undefined,
): buildConnector.connector {
  // One for all, since it keeps their sessions.
  const secure = buildConnector({ timeout: timeoutMs });
  return (options, callback) => {
    let socket: Socket | undefined;
    const done: buildConnector.Callback = (...connected) => {
      const [reason] = connected;
      if (reason === null) [, socket] = connected;
      else onNone?.(reason);
      callback(...connected);
    };
    if (options.protocol === 'https:') return secure(options, done);
    const settings = {
      timeout: timeoutMs,
      // Room for two, so that a full one does not hold the connection back.
      highWaterMark: 2 * SHARED.length,
      onread: {
        buffer: SHARED,
        // Nothing is read before the connection is open.
        callback: (bytes: number) => socket?.push(Buffer.from(SHARED.subarray(0, bytes))) ?? true,
      },
    };
    buildConnector(settings)(options, done);
  };
}
