import type { Server } from 'node:net';

/** How long connections may keep coming, in ms. */
const MOST_MS = 1_000;
/** During a longer turn of the event loop further connections may have come, in ms. */
const SHORT_TURN_MS = 2;

/**
 * Resolves when no connection waits to be accepted, or connections have kept coming for a second. A server that stops listening then
 * resets nobody: the system resets the connections that wait, although their clients believe that they are connected. Node accepts one
 * connection in each turn of the event loop, so none waits after a turn without one.
 */
export async function allAccepted(server: Server): Promise<void> {
  let hasAccepted = false;
  const note = (): void => {
    hasAccepted = true;
  };
  server.on('connection', note).on('drop', note);
  const deadline = performance.now() + MOST_MS;
  let from = performance.now();
  let turnMs = 0;
  do {
    hasAccepted = false;
    await nextTurn();
    const now = performance.now();
    turnMs = now - from;
    from = now;
  } while ((hasAccepted || turnMs > SHORT_TURN_MS) && from < deadline);
  server.off('connection', note).off('drop', note);
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
