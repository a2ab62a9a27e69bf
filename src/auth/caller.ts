import { createHash } from 'node:crypto';
import { type AddressRules, type AddressSource, clientAddress } from './client-address.ts';

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

export interface CallerSource extends AddressSource {
  authorization?: string | undefined;
  impersonatedUser?: string | undefined;
  acceptLanguage?: string | undefined;
}

export interface CallerRules extends AddressRules {
  /** Pass X-Impersonated-User-Uuid on. Off by default: a stolen staff token could otherwise act as anybody without a trace here. */
  impersonation: boolean;
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
 * Visibility in Waldur depends on the client's address (contract 2.1), hence the address is sent upstream and is part of the key.
 * Waldur believes the first element of X-Forwarded-For, so exactly the one address that was judged is sent. Without one Waldur would judge by
 * the gateway's own; so a caller whose connection is gone before its address was read counts as unauthenticated, too.
 */
export function readCaller(source: CallerSource, rules: CallerRules): Caller {
  const headers: ForwardedHeaders = {};
  const authorization = source.authorization;
  const address = clientAddress(source, rules);
  const authenticated =
    address !== undefined &&
    authorization !== undefined &&
    authorization.length <= MAX_AUTHORIZATION &&
    VISIBLE_ASCII.test(authorization);
  if (authenticated) headers.authorization = authorization;
  if (rules.impersonation && source.impersonatedUser !== undefined && UUID.test(source.impersonatedUser)) {
    headers['x-impersonated-user-uuid'] = source.impersonatedUser.toLowerCase().replaceAll('-', '');
  }
  if (address !== undefined) headers['x-forwarded-for'] = address;
  if (source.acceptLanguage !== undefined && LANGUAGES.test(source.acceptLanguage)) {
    headers['accept-language'] = source.acceptLanguage;
  }
  // The language changes only the wording of refusals, never data, so it does not split caches and polls.
  const identity = [headers.authorization, headers['x-impersonated-user-uuid'], address];
  return { key: hashOf(identity), headers, authenticated };
}

const hashOf = (parts: readonly (string | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
