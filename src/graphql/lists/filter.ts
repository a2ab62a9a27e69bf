import { badInput } from '../../errors.ts';
import type { Filter } from '../../loaders/lists.ts';
import type { SnapshotFilter, VolumeFilter } from '../generated.ts';
import { parseUuid } from '../scalars.ts';

/** Longest text condition; longer ones could not be sent in a URL together with the others. */
const MAX_TEXT = 500;

/** Conditions given as a REST address, with the kind of object that it must name. */
const ADDRESSES: Readonly<Record<string, string>> = {
  tenant: 'openstack-tenants',
  sourceVolume: 'openstack-volumes',
  backup: 'openstack-backups',
  instance: 'openstack-instances',
  snapshot: 'openstack-snapshots',
};

/**
 * Reads a filter: drops what is no condition (null, an empty state list, `canManage: false`, an empty text, which Waldur takes for
 * no condition) and checks the rest.
 * @throws GatewayError BAD_USER_INPUT naming the condition; nothing is asked upstream then.
 */
export function readFilter(
  kind: 'snapshot' | 'volume',
  given: SnapshotFilter | VolumeFilter | null | undefined,
): Filter {
  const filter: Record<string, string | true | readonly string[]> = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    if (value === null || value === undefined || value === '' || value === false) continue;
    if (Array.isArray(value)) {
      if (value.length > 0) filter[name] = [...new Set(value)].sort();
    } else if (value === true) {
      filter[name] = true;
    } else {
      const kindOfAddress = ADDRESSES[name];
      filter[name] = kindOfAddress === undefined ? checkedText(name, value) : address(kind, name, value, kindOfAddress);
    }
  }
  return filter;
}

function checkedText(name: string, value: string): string {
  if (value.length > MAX_TEXT)
    throw badInput(`filter.${name}`, `filter.${name} may have at most ${MAX_TEXT} characters.`);
  if (value.includes('\0') || !value.isWellFormed()) {
    throw badInput(`filter.${name}`, `filter.${name} may not contain null characters or half a surrogate pair.`);
  }
  return value;
}

/**
 * Cuts an address to its path: Waldur looks at nothing else, and a wrong one is an empty list, a 404 or a 500 there
 * (contract 3.1), none of which tells the client what is wrong.
 */
function address(kind: string, name: string, value: string, place: string): string {
  const found = /^(?:https?:\/\/[^/?#\s]+)?(?:\/[\w.-]+)*?\/api\/([\w-]+)\/([0-9a-fA-F-]{32,36})\/?$/.exec(value);
  const uuid = parseUuid(found?.[2]);
  if (found?.[1] !== place || uuid === undefined) {
    throw badInput(
      `filter.${name}`,
      `filter.${name} of ${kind}s must be an address like /api/${place}/UUID/; ${name}Uuid takes the bare uuid.`,
    );
  }
  return `/api/${place}/${uuid}/`;
}
