import type { IncomingHttpHeaders } from 'node:http';
import { type AddressRules, addressSource, isFromTrustedProxy, joined, trustedHops } from './client-address.ts';

/** Origins of web pages: how they are written, and which one is the gateway's own. */

/** Where a browser sent a request, before proxies rewrote it. */
export interface Destination {
  /** Host with an optional port. With a second entry it is unclear whether the port was removed. */
  readonly hosts: readonly string[];
  /** The scheme, if a trusted proxy passes it. */
  readonly scheme: 'http:' | 'https:' | undefined;
}

export interface RequestHead {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
const PORT = /^\d{1,5}$/;
const HAS_PORT = /:\d+$/;
/** Proxies name the scheme of a WebSocket in either way. */
const SCHEMES: ReadonlyMap<string, Destination['scheme']> = new Map([
  ['http', 'http:'],
  ['ws', 'http:'],
  ['https', 'https:'],
  ['wss', 'https:'],
]);

/**
 * The host and scheme that a request was sent to, as the trusted proxies pass them. Without them it is the Host header.
 *
 * A host from a proxy replaces the Host header: it says that the proxy rewrote Host, and a page that happens to be served under the
 * rewritten name is another page.
 */
export function destinationOf({ headers, socket }: RequestHead, rules: AddressRules): Destination {
  const hosts = [headers.host].filter(isHost);
  const source = addressSource(headers, socket.remoteAddress);
  if (!isFromTrustedProxy(source, rules)) return { hosts, scheme: undefined };
  const hops = [...trustedHops(source, rules)];
  if (rules.forwardedHeader === 'forwarded') {
    const host = hops.map((hop) => hop.host).findLast(isHost);
    const proto = hops.map((hop) => hop.proto).findLast((value) => value !== undefined);
    return { hosts: host === undefined ? hosts : [host], scheme: schemeOf(proto) };
  }
  // Each trusted proxy may have added one value at the right. A client may have sent the values before these.
  const proxies = Math.max(hops.length, 1);
  const passed = (name: string): string | undefined => {
    const values = joined(headers[name])?.split(',') ?? [];
    return values[Math.max(values.length - proxies, 0)]?.trim();
  };
  const scheme = schemeOf(passed('x-forwarded-proto'));
  const host = passed('x-forwarded-host');
  const port = passed('x-forwarded-port');
  const withPort = (name: string): string =>
    port !== undefined && PORT.test(port) && !HAS_PORT.test(name) ? `${name}:${port}` : name;
  if (isHost(host)) return { hosts: [withPort(host)], scheme };
  // Some proxies remove the port from Host and pass it separately, others pass the port that they listen on.
  return { hosts: [...new Set(hosts.flatMap((name) => [name, withPort(name)]))], scheme };
}

const isHost = (host: string | undefined): host is string => host !== undefined && HOST.test(host);

const schemeOf = (proto: string | undefined): Destination['scheme'] => SCHEMES.get(proto?.toLowerCase() ?? '');

/**
 * Whether a page of this origin comes from the destination itself. A default port equals none, and host names have no case.
 *
 * A page without TLS is foreign where the destination has TLS, because others could have changed it on its way. The reverse is accepted:
 * behind two proxies, the inner one often passes the scheme between them.
 */
export function isSameOrigin(origin: URL, { hosts, scheme }: Destination): boolean {
  if (origin.protocol !== 'http:' && origin.protocol !== 'https:') return false;
  if (scheme === 'https:' && origin.protocol === 'http:') return false;
  const schemes = [scheme ?? origin.protocol, origin.protocol];
  return hosts.some((host) => schemes.some((each) => URL.parse(`${each}//${host}`)?.host === origin.host));
}

/** An origin as browsers send it, or why no browser sends it. */
export type ReadOrigin = { readonly origin: string } | { readonly problem: string };

/** Reads an origin from the settings: a scheme and a host, such as `https://ui.example.org`. Case and default ports do not matter. */
export function readOrigin(text: string): ReadOrigin {
  if (text === '*') return { problem: 'list each origin' };
  if (text.includes('*')) return { problem: 'wildcards are not supported, list each origin' };
  if (text === 'null') return { problem: 'pages without an origin cannot be allowed' };
  const [, scheme, authority = '', rest] = /^([a-z][a-z\d+.-]*):\/\/([^/?#\\]*)(.*)$/i.exec(text) ?? [];
  if (scheme === undefined) {
    return { problem: `the scheme is missing${HOST.test(text) ? `, write "https://${text}"` : ''}` };
  }
  if (!/^https?$/i.test(scheme)) return { problem: 'browsers send only http:// and https://' };
  const url = URL.parse(`${scheme}://${authority}`);
  if (url === null) return { problem: 'it is not a URL' };
  if (rest !== '' || authority.includes('@')) {
    return { problem: `an origin has only a scheme, a host and a port, write "${url.origin}"` };
  }
  return { origin: url.origin };
}
