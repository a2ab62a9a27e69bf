import { type GraphQLSchema, isObjectType } from 'graphql';
import { CallerRights } from '../../../../src/graph/caller-rights.ts';
import type { MeRow } from '../../../../src/graph/nodes.ts';
import { createSchema } from '../../../../src/graph/schema.ts';
import type { Filter, Kind, Window } from '../../../../src/loading/list-request.ts';
import { UUIDS, type World } from './world.ts';

/** A context of an operation whose data come from a world. */
export interface MadeUpContext {
  readonly world: World;
}

/** The schema with every resolver of the gateway. */
export const realSchema: GraphQLSchema = createSchema();

/** The schema with the gateway's resolvers below generated root fields, which also give what no loader would: values without a promise, wrong types. */
export const madeUpSchema: GraphQLSchema = withMadeUpRoots(createSchema());

function withMadeUpRoots(schema: GraphQLSchema): GraphQLSchema {
  for (const name of ['Query', 'Mutation']) {
    const type = schema.getType(name);
    if (!isObjectType(type)) throw new Error(`The schema has no type ${name}`);
    for (const field of Object.values(type.getFields())) {
      field.resolve = (_source, args, context: MadeUpContext) =>
        context.world.value(`${field.name} ${JSON.stringify(args)}`, field.type);
    }
  }
  return schema;
}

/** The context of one execution: what the resolvers of queries read. */
export function madeUpContext(world: World) {
  const loaderOf = (kind: Kind) => ({
    load(uuid: string): unknown {
      const question = `load ${kind} ${uuid}`;
      return world.eventually(question, world.roll(question, 9) === 0 ? null : world.row(kind, uuid));
    },
  });
  const total = (kind: Kind, filter: Filter): number => world.roll(`total ${kind} ${JSON.stringify(filter)}`, 7);
  const loaders = {
    snapshots: loaderOf('snapshot'),
    volumes: loaderOf('volume'),
    restorations: {
      load: (uuid: string): unknown =>
        world.eventually(`restorations ${uuid}`, world.row('snapshot', uuid).restorations),
    },
    list({ kind, filter, window }: { kind: Kind; filter: Filter; window: Window }): unknown {
      const question = `list ${kind} ${JSON.stringify([filter, window])}`;
      const rows = Array.from({ length: Math.min(4, window.count) }, (_, i) => {
        const ask = `${question} ${i}`;
        const error = world.error(ask);
        if (world.roll(ask, 12) === 0 && error instanceof Error) return error;
        return world.row(kind, world.pick(`${ask} row`, UUIDS));
      });
      return world.eventually(question, { rows, start: window.start, total: total(kind, filter) });
    },
    count: ({ kind, filter }: { kind: Kind; filter: Filter }): unknown =>
      world.eventually(`count ${kind} ${JSON.stringify(filter)}`, total(kind, filter)),
    related: loaderOf,
    candidatesOf: () => [],
    decisions: [],
    clear: () => undefined,
  };
  const user = {
    is_staff: world.roll('staff', 2) === 0,
    permissions: [
      {
        role_name: world.pick('right', ['PROJECT.MEMBER', 'CUSTOMER.OWNER']),
        scope_type: 'customer',
        scope_uuid: UUIDS[0],
      },
    ],
  };
  const rights = new CallerRights(
    async () => user as unknown as MeRow,
    () => true,
  );
  return {
    world,
    loaders: () => loaders,
    columns: () => ({ snapshot: [], volume: [] }),
    // In some worlds the rights are known before the first row is read.
    knownRights: world.roll('known rights', 2) === 0 ? rights : undefined,
    rights: () => rights,
    viewer: () =>
      world.eventually('viewer', {
        uuid: UUIDS[0],
        username: 'alice',
        full_name: world.pick('full name', ['', 'Alice', null, 7]),
        email: null,
        is_staff: true,
        permissions: [
          { role_name: 'CUSTOMER.OWNER', scope_uuid: UUIDS[1] },
          { role_name: world.pick('role', ['a', 7]) },
        ],
      }),
  };
}
