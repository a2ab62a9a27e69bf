import { GatewayError } from '../errors.ts';
import { LiveEnd } from '../live/index.ts';

/** What the engine says at the end of a stream, as an error of the closed list; anything else as it is. */
export function translateEnd(error: unknown): unknown {
  if (!(error instanceof LiveEnd)) return error;
  const cause = { cause: error };
  switch (error.reason) {
    case 'unauthenticated':
      return new GatewayError('UNAUTHENTICATED', 'Waldur does not accept these credentials any more.', {}, cause);
    case 'forbidden':
      return new GatewayError('FORBIDDEN', 'Waldur does not permit this to the caller.', {}, cause);
    case 'not-found':
      return new GatewayError('NOT_FOUND', 'There is no such volume, or you may not see it.', {}, cause);
    case 'slow-reader':
      return new GatewayError('RATE_LIMITED', 'The events were not read in time.', {}, cause);
  }
}
