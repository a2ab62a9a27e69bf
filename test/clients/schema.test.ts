import { readFileSync } from 'node:fs';
import { buildSchema, isObjectType } from 'graphql';
import { expect, it } from 'vitest';
import { getDataID, keys, possibleTypes, resolvers, scalars, typePolicies } from '../../clients/live/src/index.ts';

/** What the caches of clients get to know of the schema. `npm run check` finds lists that are out of date. */

const schema = buildSchema(readFileSync(new URL('../../schema/printed/schema.graphql', import.meta.url), 'utf8'));
const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__'));
const roots = ['Query', 'Mutation', 'Subscription'];

it('each object type has an identity or is stored in the object around it', () => {
  for (const type of types) {
    if (!isObjectType(type) || roots.includes(type.name)) continue;
    const isIdentified = String(type.getFields().id?.type) === 'ID!';
    expect([type.name, type.name in keys, getDataID({ id: 'x' }, type.name)]).toEqual([
      type.name,
      !isIdentified,
      isIdentified ? 'x' : undefined,
    ]);
  }
  expect(keys).toHaveProperty('SnapshotChange');
  expect(keys.PageInfo?.()).toBeNull();
  expect(keys).not.toHaveProperty('Snapshot');
});

it('connections are merged page by page; filters and orders make lists of their own', () => {
  const policies = typePolicies((keyArgs) => ({ keyArgs }));
  expect(policies.Query?.fields?.snapshots).toEqual({ keyArgs: ['filter', 'offset', 'orderBy'] });
  expect(policies.Volume?.fields).toHaveProperty('snapshots');
  expect(policies.SnapshotChange).toEqual({ keyFields: false });
  const merged = resolvers(() => 'pages');
  expect(merged.Query).toMatchObject({ snapshots: 'pages', volumes: 'pages' });
});

it('interfaces and scalars', () => {
  expect(possibleTypes.Node).toEqual(expect.arrayContaining(['Restoration', 'Snapshot', 'Volume']));
  expect(scalars).toEqual({ DateTime: 'string', JSON: 'unknown', UUID: 'string' });
});
