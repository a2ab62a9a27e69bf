import type { IncomingHttpHeaders } from 'node:http';
import type { CallerSource } from '../auth/caller.ts';

/** What a request tells of its caller, whatever the transport. */
export function callerSource(
  headers: IncomingHttpHeaders,
  socket: { readonly remoteAddress?: string | undefined },
): CallerSource {
  const forwarded = headers['x-forwarded-for'];
  const impersonated = headers['x-impersonated-user-uuid'];
  return {
    authorization: headers.authorization,
    impersonatedUser: Array.isArray(impersonated) ? impersonated[0] : impersonated,
    forwardedFor: Array.isArray(forwarded) ? forwarded.join(', ') : forwarded,
    acceptLanguage: headers['accept-language'],
    remoteAddress: socket.remoteAddress ?? '',
  };
}
