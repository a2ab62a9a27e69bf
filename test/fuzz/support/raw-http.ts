import net from 'node:net';

/** How a client ends its side of the connection. */
export type Ending = 'half-close' | 'reset-at-once' | 'reset-on-answer';

/** No server of ours needs longer to answer or to hang up, in ms. */
const PATIENCE_MS = 20_000;

/**
 * Writes bytes to a server, ends as told, and collects what comes until the connection is over.
 * @returns what came; undefined when the server neither answered nor hung up.
 */
export function exchange(port: number, bytes: Buffer, ending: Ending): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let impatience: NodeJS.Timeout | undefined = setTimeout(() => {
      impatience = undefined;
      socket.destroy();
    }, PATIENCE_MS);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (ending === 'reset-on-answer') socket.resetAndDestroy();
    });
    // The server may hang up in the middle of what we send; that is its right.
    socket.on('error', () => socket.destroy());
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      resolve(impatience === undefined ? undefined : Buffer.concat(chunks).toString('latin1'));
      clearTimeout(impatience);
    });
    socket.once('connect', () => {
      if (ending === 'half-close') socket.end(bytes);
      else socket.write(bytes, () => ending === 'reset-at-once' && socket.resetAndDestroy());
      // An answer to nothing never comes.
      if (ending === 'reset-on-answer') socket.end();
    });
  });
}

/** Status of the first answer in what came; undefined when nothing came. */
export const statusOf = (answer: string): number | undefined => {
  const found = /^HTTP\/1\.[01] (\d{3})/.exec(answer);
  return found ? Number(found[1]) : undefined;
};
