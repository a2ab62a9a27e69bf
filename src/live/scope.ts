import { STATES, type State } from '../domain/states.ts';
import type { FilterValue, UpstreamFilter } from './types.ts';

/** The filter of a subscriber: `uuid`, `state`, and whatever else the fetcher understands. */
export type LiveFilter = Readonly<
  Record<string, FilterValue | null | undefined> & {
    state?: readonly State[] | null | undefined;
    uuid?: string | null | undefined;
  }
>;

/**
 * What an informer lists. `state` is not part of it: the gateway applies state filters itself and Waldur all others, so subscribers with
 * different state filters share one informer.
 */
export interface Scope {
  /** Equal for equal scopes, whatever the order of filter members. */
  readonly key: string;
  readonly filter: UpstreamFilter;
  /** When set, the scope is at most this object, polled by its detail address. */
  readonly uuid: string | null;
  /** True when Waldur applies a filter, so an object can exist outside the scope. */
  readonly filtered: boolean;
}

export interface CanonicalFilter {
  readonly scope: Scope;
  /** null: all states. An empty list is no filter, as in REST. */
  readonly states: ReadonlySet<State> | null;
  readonly statesKey: string;
}

const bareUuid = (uuid: string): string => uuid.replaceAll('-', '').toLowerCase();

/** The canonical form of a filter; absent and null members are the same. */
export function canonicalFilter(filter: LiveFilter): CanonicalFilter {
  const { state, uuid, ...rest } = filter;
  const members: [string, FilterValue][] = [];
  for (const [name, value] of Object.entries(rest)) {
    if (value !== null && value !== undefined) members.push([name, value]);
  }
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  const single = typeof uuid === 'string' ? bareUuid(uuid) : null;
  const selected = new Set(state ?? []);
  const states = selected.size === 0 || selected.size === STATES.length ? null : selected;
  return {
    scope: {
      key: JSON.stringify([single, members]),
      filter: Object.fromEntries(members),
      uuid: single,
      filtered: members.length > 0,
    },
    states,
    statesKey: states === null ? '' : STATES.filter((name) => states.has(name)).join(','),
  };
}
