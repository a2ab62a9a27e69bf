import type { Server } from 'node:net';

/** How long connections may keep coming, in ms. */
const MOST_MS = 1_500;
/** During a longer turn of the event loop further connections may have come, in ms. */
const SHORT_TURN_MS = 2;
/** A busy machine may have no short turns: after this time, in ms, a long one without a connection is enough. */
const ONLY_SHORT_MS = 1_000;

/**
 * Resolves when no connection waits to be accepted, or connections have kept coming for 1.5 s. A server that stops listening then
 * resets nobody: the system resets the connections that wait, although their clients believe that they are connected. Node accepts one
 * connection in each turn of the event loop, so none waits after a turn without one.
 */
export async function allAccepted(server: Server): Promise<void> {
  let hasAccepted = false;
  const note = (): void => {
    hasAccepted = true;
  };
  server.on('connection', note).on('drop', note);
  const began = performance.now();
  let from = began;
  let isIdle = false;
  do {
    hasAccepted = false;
    await nextTurn();
    const now = performance.now();
    isIdle = !hasAccepted && (now - from <= SHORT_TURN_MS || now - began > ONLY_SHORT_MS);
    from = now;
  } while (!isIdle && from - began < MOST_MS);
  server.off('connection', note).off('drop', note);
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
