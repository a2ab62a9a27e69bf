import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** Sends a message; resolves when the network has taken it, or will not any more. */
export type Send = (message: string | Buffer) => Promise<void>;

/** What sends messages over a socket. */
export function outbox(socket: WebSocket, connection: Socket): Send {
  const gather = gathering(connection);
  return (message) =>
    new Promise((resolve, reject) => {
      if (socket.readyState !== socket.OPEN) return resolve();
      gather();
      socket.send(message, TEXT, (error) => (error ? reject(error) : resolve()));
    });
}

/** A Buffer would else be sent as a binary message, which the protocol has no place for. */
const TEXT = { binary: false };

/**
 * Writes made in the same turn of the event loop go out together: an event to many subscriptions of a socket is many messages, and a
 * system call for each would cost more than everything else about them.
 * @returns to be called before each write.
 */
function gathering(connection: Socket): () => void {
  let gathers = false;
  return () => {
    if (gathers) return;
    gathers = true;
    connection.cork();
    setImmediate(() => {
      gathers = false;
      connection.uncork();
    });
  };
}
