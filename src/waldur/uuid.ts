import { badInput } from '../errors.ts';

const SPELLINGS = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** 1 for the characters that Waldur prints uuids with. */
const DIGIT = new Uint8Array(128);
for (const digit of '0123456789abcdef') DIGIT[digit.charCodeAt(0)] = 1;

/**
 * True for 32 digits as Waldur prints them. Long lists have thousands of them: without branches it takes a third of the time of a
 * pattern, whose guesses about random digits are wrong every other time.
 */
export function isHex(text: string): boolean {
  if (text.length !== 32) return false;
  let are = 1;
  for (let i = 0; i < 32; i++) are &= DIGIT[text.charCodeAt(i)] ?? 0;
  return are === 1;
}

/**
 * Lower-case hex of a uuid, with or without hyphens in their usual places; undefined for anything else. Nothing but the result
 * of this gets into a path: percent-encoding alone would let `..` through.
 */
export function parseUuid(text: string): string | undefined {
  if (isHex(text)) return text;
  return text.length <= 36 && SPELLINGS.test(text) ? text.toLowerCase().replaceAll('-', '') : undefined;
}

/**
 * As `parseUuid`, for a value that must be one.
 * @throws GatewayError BAD_USER_INPUT naming the argument; nothing has been asked upstream then.
 */
export function requireUuid(text: string, argument = 'uuid'): string {
  const uuid = parseUuid(text);
  if (uuid === undefined)
    throw badInput(argument, `${argument} must be 32 hexadecimal digits, with or without hyphens.`);
  return uuid;
}

/** Kinds of objects that addresses of the REST API name, as they stand in its paths. */
export type AddressKind =
  | 'openstack-snapshots'
  | 'openstack-volumes'
  | 'openstack-tenants'
  | 'openstack-instances'
  | 'openstack-backups'
  | 'openstack-images'
  | 'openstack-volume-types'
  | 'openstack-volume-availability-zones'
  | 'projects'
  | 'customers'
  | 'service-settings';

const LONGEST_ADDRESS = 2_048;
/** Path segments up to the kind, then the kind, the uuid and nothing else but one slash. */
const ADDRESS = /^(?:https?:\/\/[^/?#\s]+)?\/(?:[^/?#\s]+\/)*([a-z-]+)\/([0-9a-f-]{32,36})\/?$/i;

/**
 * Reads the uuid from an address of the REST API, absolute or a path. Host and prefix are not looked at and the address is
 * never called: it may name a host that is not Waldur's, or an internal one.
 * @returns undefined for an address of another kind or no address at all.
 */
export function uuidFromUrl(address: string, kind: AddressKind): string | undefined {
  if (address.length > LONGEST_ADDRESS) return undefined;
  const [, found, uuid] = ADDRESS.exec(address) ?? [];
  return found === kind && uuid !== undefined ? parseUuid(uuid) : undefined;
}
