import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { type Caller, type CallerRules, type CallerSource, readCaller } from '../auth/caller.ts';
import { addressSource, joined } from '../auth/client-address.ts';
import type { GatewayError } from '../errors.ts';
import type { HttpError } from '../server/http-error.ts';

/** Reads what a request contains about its caller; the same for all transports. */
export function callerSource(
  headers: IncomingHttpHeaders,
  socket: { readonly remoteAddress?: string | undefined },
): CallerSource {
  return {
    ...addressSource(headers, socket.remoteAddress),
    authorization: headers.authorization,
    impersonatedUser: joined(headers['x-impersonated-user-uuid']),
    acceptLanguage: headers['accept-language'],
  };
}

/** The response to a request whose caller may not run any operation; see `Caller.refusal`. */
export const callerRefused = ({ code, message }: GatewayError): HttpError => ({
  status: code === 'FORBIDDEN' ? 403 : 400,
  code,
  message,
});

interface Known {
  readonly source: CallerSource;
  readonly caller: Caller;
}

/**
 * Reads the callers of requests. It keeps the last caller of each connection, because most connections are reused by the same caller,
 * and the key of a caller is a hash that need not be computed again.
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
