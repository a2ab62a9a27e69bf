/**
 * The types that other subgraphs of a federation may refer to, with the fields that identify an object of each. Restorations have no
 * address of their own in REST, and their id contains the snapshot's uuid, so a uuid alone does not find one.
 */
export const ENTITY_KEYS = {
  Snapshot: ['id', 'uuid'],
  Volume: ['id', 'uuid'],
  Project: ['id', 'uuid'],
  Tenant: ['id', 'uuid'],
  Restoration: ['id'],
} as const satisfies Readonly<Record<string, readonly ('id' | 'uuid')[]>>;

export type EntityType = keyof typeof ENTITY_KEYS;

/** The version of the specification whose directives the schema imports. */
export const FEDERATION_VERSION = 'v2.3';

/** Root fields that the schema of a subgraph does not have: a global id is resolved by the router, or by the subgraph that owns it. */
export const REPLACED_BY_ENTITIES = ['node', 'nodes'] as const;
