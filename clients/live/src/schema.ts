import { CONNECTIONS, EMBEDDED, IDENTIFIED, POSSIBLE_TYPES, SCALARS } from './schema.generated.ts';

/** What normalised caches must know of the schema. The lists are generated from it. */

/** `possibleTypes` of Apollo's `InMemoryCache`. */
export const possibleTypes: Record<string, string[]> = mapValues(POSSIBLE_TYPES, (names) => [...names]);

/** `keys` of Graphcache: objects without an identity are stored in the object around them. */
export const keys: Record<string, () => null> = Object.fromEntries(EMBEDDED.map((name) => [name, () => null]));

/** `config.scalars` of GraphQL Code Generator. */
export const scalars: Record<string, string> = { ...SCALARS };

/**
 * `resolvers` of Graphcache: the pages of a connection become one list.
 *
 * @param relayPagination of `@urql/exchange-graphcache/extras`
 */
export const resolvers = <R>(relayPagination: () => R): Record<string, Record<string, R>> =>
  mapValues(CONNECTIONS, (fields) => mapValues(fields, () => relayPagination()));

/** An entry of Apollo's `typePolicies`. */
export interface TypePolicy<P> {
  keyFields?: false;
  fields?: Record<string, P>;
}

/**
 * `typePolicies` of Apollo's `InMemoryCache`: the pages of a connection become one list, and objects without an identity are stored in
 * the object around them. All others have an `id`, which Apollo uses by itself.
 *
 * @param relayStylePagination of `@apollo/client/utilities`
 */
export function typePolicies<P>(relayStylePagination: (keyArgs: string[] | false) => P): Record<string, TypePolicy<P>> {
  const policies: Record<string, TypePolicy<P>> = {};
  for (const name of EMBEDDED) policies[name] = { keyFields: false };
  for (const [name, connections] of Object.entries(CONNECTIONS)) {
    const fields = mapValues(connections, (args) => relayStylePagination(args.length === 0 ? false : [...args]));
    policies[name] = { ...policies[name], fields };
  }
  return policies;
}

const identified: ReadonlySet<string> = new Set(IDENTIFIED);

/**
 * `getDataID` of Relay's `Store` and `Environment`: the `id` of an event is that of its object, so the event must not be stored under it.
 */
export function getDataID(value: Readonly<Record<string, unknown>>, typename: string): unknown {
  return identified.has(typename) ? value.id : undefined;
}

function mapValues<V, W>(object: Readonly<Record<string, V>>, map: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
