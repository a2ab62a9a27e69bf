import { badInput } from '../../errors.ts';
import type { GraphContext } from '../context.ts';
import { type NodeId, parseId } from '../ids.ts';
import { checkBatch } from '../lists/arguments.ts';
import { eachOrError, loadNode } from '../resolvers/query.ts';
import { parseUuid } from '../scalars.ts';
import { ENTITY_KEYS, type EntityType } from './entities.ts';

const KEYS: Readonly<Record<string, readonly string[]>> = ENTITY_KEYS;
const TYPES = Object.keys(ENTITY_KEYS).join(', ');

const isEntityType = (name: unknown): name is EntityType => typeof name === 'string' && Object.hasOwn(KEYS, name);

/**
 * `Query._entities`: the objects that a router names, in its order. They are loaded as those of `Query.nodes`. A representation that is not
 * valid is an error at its place, and is not sent to Waldur.
 */
export function resolveEntities(
  _source: unknown,
  { representations }: { readonly representations: readonly unknown[] },
  context: GraphContext,
  info: Parameters<GraphContext['loaders']>[0],
) {
  checkBatch('representations', representations);
  return eachOrError(
    representations.map(async (given, i) => loadNode(readReference(given, `representations[${i}]`), context, info)),
  );
}

/**
 * The object that a representation names.
 * @param place its path in the arguments.
 * @throws GatewayError BAD_USER_INPUT.
 */
export function readReference(given: unknown, place: string): NodeId {
  if (typeof given !== 'object' || given === null) {
    throw badInput(place, `${place} must be an object with __typename and a key.`);
  }
  const own = (name: string): unknown => (Object.hasOwn(given, name) ? Reflect.get(given, name) : undefined);
  const type = own('__typename');
  if (!isEntityType(type)) throw badInput(`${place}.__typename`, `${place}.__typename must be one of ${TYPES}.`);
  const byId = own('id') ?? undefined;
  const byUuid = KEYS[type]?.includes('uuid') === true ? (own('uuid') ?? undefined) : undefined;
  const uuid = byUuid === undefined ? undefined : parseUuid(byUuid);
  if (byUuid !== undefined && uuid === undefined) {
    throw badInput(`${place}.uuid`, `${place}.uuid must be 32 hexadecimal digits, with or without hyphens.`);
  }
  if (byId === undefined) {
    // `KEYS` has no uuid for restorations.
    if (uuid !== undefined && type !== 'Restoration') return { type, uuid };
    throw badInput(place, `${place} must have ${KEYS[type]?.join(' or ')}, the key of ${type}.`);
  }
  const id = typeof byId === 'string' ? parseId(byId) : undefined;
  if (id?.type !== type) {
    throw badInput(`${place}.id`, `${place}.id is not the id of an object of type ${type}.`);
  }
  if (uuid !== undefined && id.uuid !== uuid) {
    throw badInput(place, `${place}.id and ${place}.uuid belong to different objects.`);
  }
  return id;
}
