import type { Running } from '../../support/gateway.ts';

/** What the page fills into the header editor: the first owner of the made-up world. */
export function demoAuthorization({ simulator }: Running): string {
  const owner = simulator.tokens().find(({ role }) => role === 'owner');
  if (owner === undefined) throw new Error('the made-up world has no owner');
  return `Token ${owner.token}`;
}
