import { BlockList, isIP, SocketAddress } from 'node:net';

/** Addresses of peers and ranges of addresses. An address has many spellings, so all comparisons use the canonical form made here. */

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/**
 * The canonical form of an address: IPv6 compressed and in lower case, without a zone; IPv4 within IPv6 (`::ffff:1.2.3.4`) as IPv4.
 * @returns undefined when the string is not an address.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIP(text) === 0) return undefined;
  return new SocketAddress({ address: text, family: familyOf(text) }).address.replace(/^::ffff:(?=\d+\.)/, '');
}

interface Range {
  readonly address: string;
  readonly bits: number;
}

/** Names for common ranges. */
const NAMED: ReadonlyMap<string, readonly string[]> = new Map([
  ['loopback', ['127.0.0.0/8', '::1']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']],
]);

/** Addresses that no connection comes from: unspecified, multicast and broadcast. */
const NO_PEER: readonly Range[] = [
  { address: '0.0.0.0', bits: 8 },
  { address: '224.0.0.0', bits: 4 },
  { address: '255.255.255.255', bits: 32 },
  { address: '::', bits: 128 },
  { address: 'ff00::', bits: 8 },
];

/** Bits before the IPv4 address in an IPv6 address that contains one. */
const MAPPED_BITS = 96;

function listOf(ranges: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const { address, bits } of ranges) list.addSubnet(address, bits, familyOf(address));
  return list;
}

/** @returns undefined when no peer can be in the range: not an address, with a zone or a port, or an invalid prefix length. */
function rangeOf(text: string): Range | undefined {
  const [, given = '', length] = /^([^/%]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const address = canonicalAddress(given);
  if (address === undefined) return undefined;
  const most = isIP(given) === 6 ? 128 : 32;
  const bits = Number(length ?? most);
  const isMapped = most === 128 && isIP(address) === 4;
  if (bits > most || (isMapped && bits < MAPPED_BITS)) return undefined;
  const range = { address, bits: isMapped ? bits - MAPPED_BITS : bits };
  const hasNoPeer = NO_PEER.some(
    (other) => range.bits >= other.bits && listOf([other]).check(address, familyOf(address)),
  );
  return hasNoPeer ? undefined : range;
}

/** The ranges of an item of TRUSTED_PROXIES; undefined when it cannot match a peer. */
function rangesOf(item: string): readonly Range[] | undefined {
  const ranges = (NAMED.get(item.toLowerCase()) ?? [item]).map(rangeOf);
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

/** Whether an item of TRUSTED_PROXIES can match a peer. */
export const isAddressRange = (item: string): boolean => rangesOf(item) !== undefined;

/**
 * Makes a function that tests whether an address, in canonical form, is in a list of addresses, CIDR ranges and names (`loopback`,
 * `private`).
 * @throws TypeError for an item that cannot match a peer.
 */
export function addressMatcher(items: readonly string[]): (address: string) => boolean {
  const list = listOf(
    items.flatMap((item) => {
      const ranges = rangesOf(item);
      if (ranges === undefined)
        throw new TypeError(`${JSON.stringify(item)} is not an address or a range of addresses.`);
      return ranges;
    }),
  );
  return (address) => list.check(address, familyOf(address));
}
