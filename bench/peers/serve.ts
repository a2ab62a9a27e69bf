import type { AddressInfo } from 'node:net';

/** Origin of the upstream. */
export const UPSTREAM: string = process.env.UPSTREAM ?? 'http://127.0.0.1:4001';

/** Tells the parent where this server listens, and ends with it. */
export function announce(address: AddressInfo | string | null): void {
  if (address === null || typeof address === 'string') throw new Error('no port');
  console.log(`http://127.0.0.1:${address.port}`);
  process.on('disconnect', () => process.exit());
}
