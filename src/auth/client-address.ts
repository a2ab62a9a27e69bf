import { canonicalAddress } from './addresses.ts';

/** The header in which the trusted proxies write whom they speak for. */
export type ForwardedHeader = 'x-forwarded-for' | 'forwarded';

export interface AddressSource {
  /** X-Forwarded-For; several lines of it are joined in their order. */
  readonly forwardedFor?: string | undefined;
  /** Forwarded (RFC 7239), likewise. */
  readonly forwarded?: string | undefined;
  /** Address of the peer on the socket; empty when it is not known any more. */
  readonly remoteAddress: string;
}

export interface AddressRules {
  /** Peers whose header is believed. */
  readonly isTrustedProxy: (address: string) => boolean;
  readonly forwardedHeader: ForwardedHeader;
}

/** What RFC 7239 calls a node: an address, IPv6 perhaps in brackets, and perhaps a port, which may be a made-up name. */
const NODE = /^(?:\[(?<bracketed>[^\]]*)\]|(?<plain>[^:[\]]*))(?::(?:(?<port>\d{1,5})|_[\w.-]+))?$/;
const MAX_PORT = 65_535;
/** A name of Forwarded with its value, which may be quoted. */
const PAIR = /([\w-]+)=("(?:[^"\\]|\\.)*"|[^\s",;\\]+)/;
const PAIRS = new RegExp(PAIR, 'g');
/** One element of Forwarded. Space is read at one place only, so that no text has two readings to try. */
const ELEMENT = new RegExp(`^\\s*${PAIR.source}(?:\\s*;(?:\\s*${PAIR.source})?)*\\s*$`);

/**
 * The address that a request is judged by: by Waldur, and by every limit of ours. It is the last one, from the left, that is not a trusted proxy's.
 * Each proxy adds at the right whom it was called by, so the walk begins at the socket and goes left for as long as it
 * meets trusted proxies. Whatever is left of the first stranger, that stranger may have written. The walk also ends before what is not an
 * address: nobody can tell who wrote what is left of it.
 * @returns undefined when even the peer is not known.
 */
export function clientAddress(source: AddressSource, rules: AddressRules): string | undefined {
  let judged = canonicalAddress(source.remoteAddress);
  if (judged === undefined || !rules.isTrustedProxy(judged)) return judged;
  const hops = rules.forwardedHeader === 'forwarded' ? forwardedHops(source.forwarded) : plainHops(source.forwardedFor);
  for (const hop of hops) {
    if (hop === undefined) break;
    judged = hop;
    if (!rules.isTrustedProxy(hop)) break;
  }
  return judged;
}

/** The address of one hop, in its one spelling. */
function addressOf(text: string): string | undefined {
  const node = text.trim();
  const whole = canonicalAddress(node);
  if (whole !== undefined) return whole;
  const { bracketed, plain, port } = NODE.exec(node)?.groups ?? {};
  if (Number(port ?? 0) > MAX_PORT) return undefined;
  // Brackets are for IPv6 alone.
  if (bracketed !== undefined) return bracketed.includes(':') ? canonicalAddress(bracketed) : undefined;
  return canonicalAddress(plain ?? '');
}

/** Hops of X-Forwarded-For, the nearest first; undefined for what is not an address. */
function* plainHops(header: string | undefined): Iterable<string | undefined> {
  for (const part of header?.split(',').reverse() ?? []) {
    const text = part.trim();
    yield addressOf(/^"(.*)"$/.exec(text)?.[1] ?? text);
  }
}

/**
 * Hops of Forwarded, the nearest first. Elements are told apart from the right, where the proxies write: read from the left, a quote
 * that a client leaves open would swallow what the proxy adds.
 */
function* forwardedHops(header: string | undefined): Iterable<string | undefined> {
  const parts: string[] = [];
  let quotes = 0;
  for (const part of header?.split(',').reverse() ?? []) {
    parts.push(part);
    quotes += part.match(/(?<!\\)"/g)?.length ?? 0;
    // A comma within a quoted value.
    if (quotes % 2 === 1) continue;
    yield forOf(parts.reverse().join(','));
    parts.length = 0;
    quotes = 0;
  }
}

function forOf(element: string): string | undefined {
  if (!ELEMENT.test(element)) return undefined;
  const values = [...element.matchAll(PAIRS)].flatMap(([, name, value]) =>
    name?.toLowerCase() === 'for' ? [value] : [],
  );
  const [value = '', ...others] = values;
  // Which one of several is meant, nobody can tell.
  if (others.length > 0) return undefined;
  return addressOf(value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value);
}
