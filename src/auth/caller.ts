import { createHash } from 'node:crypto';
import { isIP } from 'node:net';

/** Headers of the caller that may go upstream; nothing else of a client's request ever does. */
export interface ForwardedHeaders {
  authorization?: string;
  'x-impersonated-user-uuid'?: string;
  'x-forwarded-for'?: string;
  'accept-language'?: string;
}

/**
 * On whose behalf a request runs. `key` is part of every cache, loader, poll and stream key: two callers with different keys
 * never share data. It is a hash, so it may stand in maps, metrics and logs.
 */
export interface Caller {
  readonly key: string;
  readonly headers: ForwardedHeaders;
  /** False: no usable credentials came, so nothing is asked upstream on its behalf. */
  readonly authenticated: boolean;
}

export interface CallerSource {
  authorization?: string | undefined;
  impersonatedUser?: string | undefined;
  forwardedFor?: string | undefined;
  acceptLanguage?: string | undefined;
  /** Address of the peer on the socket. */
  remoteAddress: string;
}

export interface CallerRules {
  /** Pass X-Impersonated-User-Uuid on. Off by default: a stolen staff token could otherwise act as anybody without a trace here. */
  impersonation: boolean;
  /** Peers whose X-Forwarded-For is believed. */
  isTrustedProxy: (address: string) => boolean;
}

const VISIBLE_ASCII = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;
const UUID = /^[0-9a-f]{32}$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LANGUAGES = /^[A-Za-z0-9*,;=.\- ]{1,200}$/;
const MAX_AUTHORIZATION = 4096;

/**
 * Reads the caller from what a transport received.
 *
 * Credentials that could not be sent upstream as they are (control characters, non-ASCII, over 4 KiB) count as none: the caller
 * is then unauthenticated, and the value is not repeated anywhere.
 *
 * Visibility in Waldur depends on the client's address (contract 2.1), hence the address is forwarded and is part of the key.
 * Waldur believes the first element, so an untrusted X-Forwarded-For is replaced by the socket's address; it is never sent
 * empty, which would switch Waldur's check off.
 */
export function readCaller(source: CallerSource, rules: CallerRules): Caller {
  const headers: ForwardedHeaders = {};
  const authorization = source.authorization;
  const authenticated =
    authorization !== undefined && authorization.length <= MAX_AUTHORIZATION && VISIBLE_ASCII.test(authorization);
  if (authenticated) headers.authorization = authorization;
  if (rules.impersonation && source.impersonatedUser !== undefined && UUID.test(source.impersonatedUser)) {
    headers['x-impersonated-user-uuid'] = source.impersonatedUser.toLowerCase().replaceAll('-', '');
  }
  const forwarded = forwardedFor(source, rules);
  if (forwarded !== '') headers['x-forwarded-for'] = forwarded;
  if (source.acceptLanguage !== undefined && LANGUAGES.test(source.acceptLanguage)) {
    headers['accept-language'] = source.acceptLanguage;
  }
  // The language changes only the wording of refusals, never data, so it does not split caches and polls.
  const identity = [headers.authorization, headers['x-impersonated-user-uuid'], forwarded];
  return { key: hashOf(identity), headers, authenticated };
}

const hashOf = (parts: readonly (string | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/**
 * Who is at the other end, for limits on connections: the last address that no trusted proxy has. What stands before it in
 * X-Forwarded-For, the client may have written itself.
 */
export function clientAddress({ remoteAddress, forwardedFor = '' }: CallerSource, rules: CallerRules): string {
  const chain = [...forwardedFor.split(','), remoteAddress].map((part) => plainAddress(part.trim())).filter(isIP);
  return chain.findLast((address) => !rules.isTrustedProxy(address)) ?? plainAddress(remoteAddress);
}

function forwardedFor(source: CallerSource, rules: CallerRules): string {
  const peer = plainAddress(source.remoteAddress);
  if (!rules.isTrustedProxy(peer) || source.forwardedFor === undefined) return peer;
  // Anything but plain addresses in this header is a 500 of Waldur's (contract 2.1).
  const chain = source.forwardedFor.split(',').map((part) => plainAddress(part.trim()));
  return [...chain, peer].filter((address) => isIP(address) !== 0).join(', ');
}

/** IPv4 seen through an IPv6 socket is written as IPv4, or a trusted `127.0.0.1` would not match `::ffff:127.0.0.1`. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');
