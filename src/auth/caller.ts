import { createHash } from 'node:crypto';
import { GatewayError } from '../errors.ts';
import { type AddressRules, type AddressSource, clientAddress } from './client-address.ts';

/** Headers of the caller that are sent to Waldur. No other header of a client is. */
export interface ForwardedHeaders {
  authorization?: string;
  'x-impersonated-user-uuid'?: string;
  'x-forwarded-for'?: string;
  'accept-language'?: string;
}

/**
 * On whose behalf a request runs. `key` is part of every key of caches, loaders, polls and streams, so callers with different keys
 * never share data. It is a hash, so it may appear in maps, metrics and logs.
 */
export interface Caller {
  readonly key: string;
  readonly headers: ForwardedHeaders;
  /** False: there are no valid credentials, so no request is sent to Waldur. */
  readonly authenticated: boolean;
  /**
   * Set when the request asks for an impersonation that is not possible. No operation may then run: it would run with the
   * permissions of the staff user who sent it.
   */
  readonly refusal?: GatewayError | undefined;
}

export interface CallerSource extends AddressSource {
  authorization?: string | undefined;
  /** X-Impersonated-User-Uuid. Several values are joined with commas, and are then invalid. */
  impersonatedUser?: string | undefined;
  acceptLanguage?: string | undefined;
}

export interface CallerRules extends AddressRules {
  /**
   * Forward X-Impersonated-User-Uuid. Disabled by default: otherwise anyone with a stolen staff token could act as any user.
   */
  impersonation: boolean;
}

/** Schemes that Waldur knows (contract 5). */
const SCHEMES = /^(?:token|bearer)$/i;
const WORD = /^[\x21-\x7e]+$/;
const UUID = /^[0-9a-f]{32}$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LANGUAGES = /^[A-Za-z0-9*,;=.\- ]{1,200}$/;
const MAX_AUTHORIZATION = 4096;

const DISABLED = new GatewayError(
  'FORBIDDEN',
  'Impersonation is disabled on this gateway (setting IMPERSONATION). Remove X-Impersonated-User-Uuid to act as yourself.',
);
const INVALID_USER = new GatewayError(
  'BAD_USER_INPUT',
  'X-Impersonated-User-Uuid must be one uuid: 32 hexadecimal digits, or with hyphens in the standard places. Remove it to act as yourself.',
);

/**
 * Reads the caller from what a transport received.
 *
 * Credentials that cannot be sent in a header (control characters, non-ASCII, over 4 KiB) count as none: the caller is then
 * unauthenticated, and the value appears in no output.
 *
 * Visibility in Waldur depends on the client address (contract 2.1), so it is sent to Waldur and is part of the key. Waldur uses the
 * first element of X-Forwarded-For, so only the client address is sent. Without one Waldur would use the address of the gateway. A
 * caller whose connection closed before its address was read is therefore unauthenticated, too.
 */
export function readCaller(source: CallerSource, rules: CallerRules): Caller {
  const headers: ForwardedHeaders = {};
  const address = clientAddress(source, rules);
  const authorization = address === undefined ? undefined : canonicalCredentials(source.authorization);
  if (authorization !== undefined) headers.authorization = authorization;
  const refusal = refuseImpersonation(source.impersonatedUser, rules);
  if (source.impersonatedUser !== undefined && refusal === undefined) {
    headers['x-impersonated-user-uuid'] = source.impersonatedUser.toLowerCase().replaceAll('-', '');
  }
  if (address !== undefined) headers['x-forwarded-for'] = address;
  if (source.acceptLanguage !== undefined && LANGUAGES.test(source.acceptLanguage)) {
    headers['accept-language'] = source.acceptLanguage;
  }
  // The language changes only messages of Waldur, never data, so it is not part of the key.
  const identity = [headers.authorization, headers['x-impersonated-user-uuid'], address];
  return { key: hashOf(identity), headers, authenticated: authorization !== undefined, refusal };
}

/**
 * The canonical form of credentials. Schemes are case-insensitive and may be followed by several spaces, so without it one user
 * would have any number of keys, and with them any number of quotas and caches. Waldur accepts the canonical form (contract 5).
 * @returns undefined when the value is not valid.
 */
function canonicalCredentials(text: string | undefined): string | undefined {
  if (text === undefined || text.length > MAX_AUTHORIZATION) return undefined;
  const [scheme, ...rest] = text.split(' ').filter((word) => word !== '');
  if (scheme === undefined || ![scheme, ...rest].every((word) => WORD.test(word))) return undefined;
  // A scheme without a token is none; any other single word is left to Waldur to refuse.
  if (rest.length === 0) return SCHEMES.test(scheme) ? undefined : scheme;
  return [scheme.charAt(0).toUpperCase() + scheme.slice(1).toLowerCase(), ...rest].join(' ');
}

/** @returns why the request may not run; undefined when it asks for no impersonation, or for a possible one. */
function refuseImpersonation(user: string | undefined, { impersonation }: CallerRules): GatewayError | undefined {
  if (user === undefined) return undefined;
  if (!impersonation) return DISABLED;
  // Waldur ignores a value that it cannot read, and the request would run as the staff user (contract 5).
  return UUID.test(user) ? undefined : INVALID_USER;
}

const hashOf = (parts: readonly (string | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
