import type { Duplex } from 'node:stream';

const LAST_MS = 5_000;

/** Writes the last that goes to a connection, and ends it. A client that does not take it, or does not leave, is cut off. */
export function endSoon(connection: Duplex, last: string): void {
  const deadline = setTimeout(() => connection.destroy(), LAST_MS);
  connection.once('close', () => clearTimeout(deadline));
  connection.end(last);
}
