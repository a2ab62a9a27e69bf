import { badInput } from '../errors.ts';

const SPELLINGS = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** Looking for what is wrong needs one look-up a digit; a pattern of what is right guesses the kind of each, wrong every other time. */
const NOT_A_DIGIT = /[^0-9a-f]/;

/** True for 32 digits as Waldur prints them. Long lists have thousands of them. */
export const isHex = (text: string): boolean => text.length === 32 && !NOT_A_DIGIT.test(text);

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
