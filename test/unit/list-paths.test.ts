import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { attachResolvers, createSchema } from '../../src/graph/schema.ts';
import { listPaths } from '../../tools/list-paths.ts';

describe('fields under lists', () => {
  it('all fields that call Waldur are batched', () => {
    const paths = listPaths(createSchema());
    expect(paths.map(({ path }) => path.split('.').at(-1)).sort()).toEqual([
      'snapshots',
      'sourceSnapshot',
      'sourceVolume',
      'tenant',
      'volume',
    ]);
    expect(paths.filter(({ batched }) => batched === undefined)).toEqual([]);
  });

  it('a resolver that is in no table is found, at any depth', () => {
    const schema = attachResolvers(
      buildSchema(
        'type Query { snapshots: [Page!]! } type Page { owner: Owner } type Owner { name: String boss: Owner }',
      ),
      { Owner: { boss: () => null } },
    );
    expect(listPaths(schema)).toEqual([{ path: 'Query.snapshots[].owner.boss', batched: undefined }]);
  });

  it('a field that is not in a list costs one call, and is accepted', () => {
    const schema = attachResolvers(buildSchema('type Query { owner: Owner } type Owner { name: String }'), {
      Owner: { name: () => null },
    });
    expect(listPaths(schema)).toEqual([]);
  });
});
