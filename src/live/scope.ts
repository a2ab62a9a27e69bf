import { STATES, type State } from '../domain/states.ts';
import type { FilterValue, UpstreamFilter } from './types.ts';

/** A subscriber's filter as it comes: `uuid` and `state` by these names, everything else as the fetcher understands it. */
export type LiveFilter = Readonly<
  Record<string, FilterValue | null | undefined> & {
    state?: readonly State[] | null | undefined;
    uuid?: string | null | undefined;
  }
>;

/**
 * Where a cohort looks. `state` is not part of it: a change of state within a filter on state is judged by the gateway, all other
 * filters by Waldur, so subscribers with different state filters share one poll stream.
 */
export interface Scope {
  /** Equal for equal scopes, whatever the order of the filter's members. */
  readonly key: string;
  readonly filter: UpstreamFilter;
  /** Set: the scope is at most this one object, polled by its detail address. */
  readonly uuid: string | null;
  /** True when Waldur has a filter to judge, so an object can exist and yet not be in the scope. */
  readonly filtered: boolean;
}

export interface CanonicalFilter {
  readonly scope: Scope;
  /** null: every state. An empty list is no filter, as in REST, where it is no parameter. */
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
  const wanted = new Set(state ?? []);
  const states = wanted.size === 0 || wanted.size === STATES.length ? null : wanted;
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
