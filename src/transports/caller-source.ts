import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { type Caller, type CallerRules, type CallerSource, readCaller } from '../auth/caller.ts';

/** What a request says about its caller; the same for all transports. */
export function callerSource(
  headers: IncomingHttpHeaders,
  socket: { readonly remoteAddress?: string | undefined },
): CallerSource {
  const forwardedFor = headers['x-forwarded-for'];
  const impersonated = headers['x-impersonated-user-uuid'];
  return {
    authorization: headers.authorization,
    impersonatedUser: Array.isArray(impersonated) ? impersonated[0] : impersonated,
    forwardedFor: Array.isArray(forwardedFor) ? forwardedFor.join(', ') : forwardedFor,
    forwarded: headers.forwarded,
    acceptLanguage: headers['accept-language'],
    remoteAddress: socket.remoteAddress ?? '',
  };
}

interface Known {
  readonly source: CallerSource;
  readonly caller: Caller;
}

/**
 * Reads the callers of requests. The last caller of each connection is remembered with it: connections are reused, nearly always by the
 * same caller, and the key of a caller is a hash that need not be computed again.
 */
export function createCallerReader(rules: CallerRules): (headers: IncomingHttpHeaders, socket: Socket) => Caller {
  const connections = new WeakMap<Socket, Known>();
  return (headers, socket) => {
    const source = callerSource(headers, socket);
    const known = connections.get(socket);
    if (known !== undefined && isSame(known.source, source)) return known.caller;
    const caller = readCaller(source, rules);
    connections.set(socket, { source, caller });
    return caller;
  };
}

const isSame = (one: CallerSource, other: CallerSource): boolean =>
  one.authorization === other.authorization &&
  one.impersonatedUser === other.impersonatedUser &&
  one.forwardedFor === other.forwardedFor &&
  one.forwarded === other.forwarded &&
  one.acceptLanguage === other.acceptLanguage &&
  one.remoteAddress === other.remoteAddress;
