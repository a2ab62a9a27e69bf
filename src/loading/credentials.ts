import type { Caller } from '../auth/caller.ts';
import { GatewayError } from '../errors.ts';

/** @throws GatewayError UNAUTHENTICATED when the caller has no credentials. */
export function requireCredentials(caller: Caller): Caller {
  if (caller.authenticated) return caller;
  throw withoutCredentials();
}

export const withoutCredentials = (): GatewayError =>
  new GatewayError(
    'UNAUTHENTICATED',
    'Send your Waldur credentials: the header "Authorization: Token TOKEN", or Authorization in the parameters of a socket.',
  );
