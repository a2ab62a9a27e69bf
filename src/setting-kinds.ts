import { isIP } from 'node:net';
import { isAddressRange } from './auth/addresses.ts';
import { readOrigin } from './auth/origins.ts';
import { readPathPrefix } from './auth/path-prefix.ts';

/**
 * The kinds of settings: what is allowed for each, and how it is parsed. A value that can never have an effect is an error at startup,
 * because the operator would believe that it has one.
 */

/** An invalid setting. The message is one line: the variable, what is allowed, and the value unless it is a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface Setting<Value> {
  readonly variable: string;
  readonly description: string;
  /** What is allowed, as shown in the reference and in error messages. */
  readonly allowed: string;
  readonly fallback: Value;
  /** Returns undefined for an invalid value. @throws ConfigError when a more specific message is possible. */
  readonly parse: (text: string) => Value | undefined;
  /** Error messages do not contain the value. */
  readonly isSecret?: boolean;
}

/** Removes user and password from a URL, with or without a scheme: error messages end up in logs. */
export const withoutCredentials = (given: string): string =>
  given.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/i, (_match, scheme: string = '') => `${scheme}...@`);

/** A setting whose value is a number of this form, within bounds that are allowed themselves. */
const numeric =
  (kind: string, form: RegExp) =>
  (variable: string, fallback: number, min: number, max: number, description: string): Setting<number> => {
    const parse = (given: string) => {
      const value = Number(given);
      return form.test(given) && value >= min && value <= max ? value : undefined;
    };
    return { variable, description, fallback, parse, allowed: `${kind} from ${min} to ${max}` };
  };

export const integer = numeric('an integer', /^\d{1,10}$/);
export const number = numeric('a number', /^(?:\d{1,10})?(?:\.\d{1,10})?$/);

/** An address to listen on. A port, brackets or the length of a range would make it a host name that does not exist. */
export function host(variable: string, fallback: string, description: string): Setting<string> {
  const parse = (given: string) => (isIP(given) !== 0 || isHostName(given) ? given : undefined);
  return { variable, description, fallback, parse, allowed: 'an IP address or a host name' };
}

/** Names that end in a number are IPv4 addresses, here invalid ones. */
const isHostName = (text: string): boolean =>
  /^(?:[a-z\d_](?:[\w-]{0,61}[a-z\d_])?\.)*[a-z\d_](?:[\w-]{0,61}[a-z\d_])?$/i.test(text) && !/(?:^|\.)\d+$/.test(text);

export function optionalInteger(
  variable: string,
  min: number,
  max: number,
  description: string,
): Setting<number | undefined> {
  return { ...integer(variable, min, min, max, description), fallback: undefined };
}

export function flag(variable: string, fallback: boolean, description: string): Setting<boolean> {
  const parse = (given: string) => ({ true: true, '1': true, false: false, '0': false })[given.toLowerCase()];
  return { variable, description, fallback, parse, allowed: 'true or false' };
}

export function optionalFlag(variable: string, description: string): Setting<boolean | undefined> {
  return { ...flag(variable, false, description), fallback: undefined };
}

export function oneOf<Value extends string>(
  variable: string,
  fallback: NoInfer<Value>,
  values: readonly Value[],
  description: string,
): Setting<Value> {
  const parse = (given: string) => values.find((value) => value === given.toLowerCase());
  return { variable, description, fallback, parse, allowed: `one of ${values.join(', ')}` };
}

/** A prefix of paths, without the slash at its end. Only characters that no browser or proxy encodes. */
export function path(variable: string, description: string): Setting<string> {
  const allowed = 'a path such as `/snapshots`, of letters, digits, `-`, `_`, `.` and `~`';
  return { variable, description, fallback: '', parse: readPathPrefix, allowed };
}

const itemsOf = (given: string): string[] => given.split(',').map((item) => item.trim());

/** An error of one item of a list. Without it the operator would believe that the item has an effect. */
function invalidItem({ variable, allowed }: Pick<Setting<unknown>, 'variable' | 'allowed'>, item: string, why = '') {
  const shown = item === '' ? 'an empty item' : JSON.stringify(withoutCredentials(item).slice(0, 100));
  const reason = why === '' ? '' : `: ${why}`;
  return new ConfigError(`${variable} must be ${allowed.replaceAll('`', '')}, got ${shown}${reason}.`);
}

/** Origins in the spelling of browsers. An item that no browser sends is an error. */
export function origins(variable: string, description: string): Setting<readonly string[]> {
  const allowed = 'a comma-separated list of origins such as `https://ui.example.org`';
  const parse = (given: string) =>
    itemsOf(given)
      .filter((item) => item !== '')
      .map((item) => {
        const read = readOrigin(item);
        if ('origin' in read) return read.origin;
        throw invalidItem({ variable, allowed }, item, read.problem);
      });
  return { variable, description, fallback: [], parse, allowed };
}

/** Headers that a browser sets itself and does not let pages set (Fetch standard, "forbidden request-header"). */
const BROWSER_HEADERS =
  /^(?:accept-charset|accept-encoding|access-control-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$/i;

/** Names of headers. `*` would be a valid one, but means every header to browsers. */
export function headerNames(variable: string, description: string): Setting<readonly string[]> {
  const allowed = 'a comma-separated list of header names';
  const parse = (given: string) => {
    const items = itemsOf(given).filter((item) => item !== '');
    for (const item of items) {
      if (item === '*') throw invalidItem({ variable, allowed }, item, 'list each header');
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(item)) throw invalidItem({ variable, allowed }, item);
      if (BROWSER_HEADERS.test(item))
        throw invalidItem({ variable, allowed }, item, 'web pages cannot set this header');
    }
    return items;
  };
  return { variable, description, fallback: [], parse, allowed };
}

/** IP addresses and CIDR ranges. An item that matches no peer is an error. */
export function ranges(variable: string, description: string): Setting<readonly string[]> {
  const allowed = 'a comma-separated list of IP addresses, CIDR ranges, `loopback` and `private`';
  const parse = (given: string) => {
    const items = itemsOf(given);
    const invalid = items.find((item) => !isAddressRange(item));
    if (invalid !== undefined) throw invalidItem({ variable, allowed }, invalid);
    return items;
  };
  return { variable, description, fallback: [], parse, allowed };
}

/** The path of a file. Whether it can be read is known when it is opened. */
export function file(variable: string, description: string): Setting<string | undefined> {
  return { variable, description, fallback: undefined, parse: (given) => given, allowed: 'the path of a file' };
}

export function secret(variable: string, description: string): Setting<string | undefined> {
  const parse = (given: string) => (given.length >= 16 ? given : undefined);
  return {
    variable,
    description,
    fallback: undefined,
    parse,
    allowed: 'a string of at least 16 characters',
    isSecret: true,
  };
}

export function redis(variable: string, description: string): Setting<string | undefined> {
  const parse = (given: string) => {
    const parsed = URL.parse(given);
    const usable =
      parsed !== null &&
      /^rediss?:$/.test(parsed.protocol) &&
      isReachable(parsed) &&
      /^(?:\/\d*)?$/.test(parsed.pathname);
    return usable ? given : undefined;
  };
  const allowed = 'a redis:// or rediss:// URL with a host, and at most the number of a database as its path';
  return { variable, description, fallback: undefined, parse, allowed, isSecret: true };
}

/** The address of Waldur, or this word for the embedded one. */
export const EMBEDDED = 'embedded';

export function waldur(variable: string, description: string): Setting<string | undefined> {
  const { parse, allowed, ...address } = webAddress(variable, description);
  return {
    ...address,
    parse: (given) => (given.toLowerCase() === EMBEDDED ? EMBEDDED : parse(given)),
    allowed: `\`${EMBEDDED}\`, or ${allowed}`,
  };
}

export function webAddress(variable: string, description: string): Setting<string | undefined> {
  const parse = (given: string) => {
    const parsed = URL.parse(given);
    const usable =
      parsed !== null &&
      /^https?:$/.test(parsed.protocol) &&
      isReachable(parsed) &&
      parsed.username === '' &&
      parsed.password === '' &&
      !/[?#]/.test(given);
    return usable ? given : undefined;
  };
  const allowed = 'an http:// or https:// URL without credentials, query string and fragment';
  return { variable, description, fallback: undefined, parse, allowed };
}

/** Whether the host of a URL can exist. A wildcard is valid in a URL, but never resolves. */
const isReachable = ({ hostname }: URL): boolean => hostname !== '' && !hostname.includes('*');
