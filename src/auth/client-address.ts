import type { IncomingHttpHeaders } from 'node:http';
import { canonicalAddress } from './addresses.ts';

/** The header in which the trusted proxies pass the client address. */
export type ForwardedHeader = 'x-forwarded-for' | 'forwarded';

export interface AddressSource {
  /** X-Forwarded-For. Several lines of it are joined in their order. */
  readonly forwardedFor?: string | undefined;
  /** Forwarded (RFC 7239), joined in the same way. */
  readonly forwarded?: string | undefined;
  /** Address of the peer of the connection; empty when it is no longer known. */
  readonly remoteAddress: string;
}

export interface AddressRules {
  /** Peers whose header is trusted. */
  readonly isTrustedProxy: (address: string) => boolean;
  readonly forwardedHeader: ForwardedHeader;
}

/** What one trusted proxy added to the header. */
export interface Hop {
  /** The peer of that proxy, in canonical form; undefined when the entry is invalid or hides it. */
  readonly address: string | undefined;
  /** The host that the proxy was called by. Only in Forwarded. */
  readonly host?: string | undefined;
  /** The scheme that the proxy was called by. Only in Forwarded. */
  readonly proto?: string | undefined;
}

/** A node of RFC 7239: an address, with brackets around IPv6, and an optional port, which may be an invented name. */
const NODE = /^(?:\[(?<bracketed>[^\]]*)\]|(?<plain>[^:[\]]*))(?::(?:(?<port>\d{1,5})|_[\w.-]+))?$/;
const MAX_PORT = 65_535;
/** A name of Forwarded with its value, which may be quoted. */
const PAIR = /([\w-]+)=("(?:[^"\\]|\\.)*"|[^\s",;\\]+)/;
const PAIRS = new RegExp(PAIR, 'g');
/** One element of Forwarded. Space is matched at one place only, so the pattern cannot backtrack. */
const ELEMENT = new RegExp(`^\\s*${PAIR.source}(?:\\s*;(?:\\s*${PAIR.source})?)*\\s*$`);

/** Reads the headers that concern the address of the client. */
export function addressSource(headers: IncomingHttpHeaders, remoteAddress: string | undefined): AddressSource {
  return {
    forwardedFor: joined(headers['x-forwarded-for']),
    forwarded: headers.forwarded,
    remoteAddress: remoteAddress ?? '',
  };
}

/** The value of a header that may have several lines. */
export const joined = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value;

/**
 * The client address of a request, which Waldur and the limits of the gateway use: the last address, from the left, that is not a
 * trusted proxy.
 * @returns undefined when the peer of the connection is not known.
 */
export function clientAddress(source: AddressSource, rules: AddressRules): string | undefined {
  let client = canonicalAddress(source.remoteAddress);
  for (const { address } of trustedHops(source, rules)) client = address ?? client;
  return client;
}

/** Whether the peer of the connection is a trusted proxy. */
export function isFromTrustedProxy({ remoteAddress }: AddressSource, { isTrustedProxy }: AddressRules): boolean {
  const peer = canonicalAddress(remoteAddress);
  return peer !== undefined && isTrustedProxy(peer);
}

/**
 * What trusted proxies wrote, the nearest first. Each proxy adds its peer at the right. So the walk begins at the connection and goes
 * left while it meets trusted proxies: a client may have written everything further left. An invalid address also ends the walk, because
 * the author of the entries on its left is unknown.
 */
export function* trustedHops(source: AddressSource, rules: AddressRules): Iterable<Hop> {
  if (!isFromTrustedProxy(source, rules)) return;
  const hops = rules.forwardedHeader === 'forwarded' ? forwardedHops(source.forwarded) : plainHops(source.forwardedFor);
  for (const hop of hops) {
    yield hop;
    if (hop.address === undefined || !rules.isTrustedProxy(hop.address)) return;
  }
}

/** Reads a node. @returns its address in canonical form; undefined when it is invalid. */
function addressOf(text: string): string | undefined {
  const node = text.trim();
  const whole = canonicalAddress(node);
  if (whole !== undefined) return whole;
  const { bracketed, plain, port } = NODE.exec(node)?.groups ?? {};
  if (Number(port ?? 0) > MAX_PORT) return undefined;
  // Only IPv6 has brackets.
  if (bracketed !== undefined) return bracketed.includes(':') ? canonicalAddress(bracketed) : undefined;
  return canonicalAddress(plain ?? '');
}

/** Entries of X-Forwarded-For, the last first. */
function* plainHops(header: string | undefined): Iterable<Hop> {
  for (const part of header?.split(',').reverse() ?? []) {
    const text = part.trim();
    yield { address: addressOf(/^"(.*)"$/.exec(text)?.[1] ?? text) };
  }
}

/**
 * Elements of Forwarded, the last first. They are separated from the right, where the proxies write. From the left, an unclosed quote of
 * the client would hide what the proxies add.
 */
function* forwardedHops(header: string | undefined): Iterable<Hop> {
  const parts: string[] = [];
  let quotes = 0;
  for (const part of header?.split(',').reverse() ?? []) {
    parts.push(part);
    quotes += part.match(/(?<!\\)"/g)?.length ?? 0;
    // A comma within a quoted value.
    if (quotes % 2 === 1) continue;
    yield readElement(parts.reverse().join(','));
    parts.length = 0;
    quotes = 0;
  }
}

/** Reads an element of Forwarded. A name that occurs twice has no value, because it is unclear which one is meant. */
function readElement(element: string): Hop {
  if (!ELEMENT.test(element)) return { address: undefined };
  const pairs = [...element.matchAll(PAIRS)];
  const single = (wanted: string): string | undefined => {
    const [value, ...others] = pairs.flatMap(([, name, text]) => (name?.toLowerCase() === wanted ? [text] : []));
    return others.length > 0 || value === undefined ? undefined : unquoted(value);
  };
  return { address: addressOf(single('for') ?? ''), host: single('host'), proto: single('proto') };
}

const unquoted = (value: string): string =>
  value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
