import { badInput } from '../../errors.ts';
import type { Filter } from '../../loading/lists.ts';
import { SNAPSHOT_FILTERS, VOLUME_FILTERS, writeFilter } from '../../waldur/filters.ts';
import type { SnapshotFilter, VolumeFilter } from '../generated.ts';

/** Servers in front of Waldur refuse request lines of more than 4,094 bytes; the rest of the line needs some of them. */
const MAX_WRITTEN = 2_500;

const NONE: Filter = {};

/**
 * Reads a filter: drops what is no condition (null, an empty state list, `canManage: false`, an empty text, which Waldur takes for
 * none) and checks the rest.
 * @throws GatewayError BAD_USER_INPUT naming the condition; nothing is asked upstream then.
 */
export function readFilter(
  kind: 'snapshot' | 'volume',
  given: SnapshotFilter | VolumeFilter | null | undefined,
): Filter {
  if (given === null || given === undefined) return NONE;
  const filter: Record<string, string | true | readonly string[]> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === '' || value === false) continue;
    if (!Array.isArray(value)) filter[name] = value;
    else if (value.length > 0) filter[name] = [...new Set(value)].sort();
  }
  // Written once only to be checked, so that a wrong value is refused whatever is selected under the list.
  const written = writeFilter(kind === 'snapshot' ? SNAPSHOT_FILTERS : VOLUME_FILTERS, filter, false);
  if (written.length > MAX_WRITTEN) {
    throw badInput(
      'filter',
      `The conditions of filter are too long together: ${written.length} of ${MAX_WRITTEN} bytes.`,
    );
  }
  return filter;
}
