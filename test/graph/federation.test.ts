import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ENTITY_KEYS } from '../../src/graph/federation/entities.ts';
import { at, dataset, type JsonValue, useGateway, uuidOf } from '../support/gateway.ts';

const printed = (name: string): string =>
  readFileSync(new URL(`../../schema/printed/${name}`, import.meta.url), 'utf8');

const TABLES = [
  ['Snapshot', 'snapshots'],
  ['Volume', 'volumes'],
  ['Project', 'projects'],
  ['Tenant', 'tenants'],
] as const;

const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Snapshot { name project { uuid } }
    ... on Volume { name size }
    ... on Project { name }
    ... on Tenant { name }
    ... on Restoration { created }
  }
}`;

describe('with FEDERATION', () => {
  const gateway = useGateway({ federation: true });
  const entities = (representations: readonly unknown[], as?: string) =>
    gateway().query(ENTITIES, { variables: { representations }, ...(as !== undefined && { as }) });

  const known: Partial<Record<string, { id: JsonValue; uuid: JsonValue }>> = {};
  beforeAll(async () => {
    const { data } = await gateway().query(`{
      snapshots(first: 1000) { nodes { id uuid project { id uuid } restorations { id uuid } } }
      volumes(first: 1000) { nodes { id uuid tenant { id uuid } } }
    }`);
    const first = (list: JsonValue | undefined): JsonValue | undefined =>
      Array.isArray(list) ? list.find((one) => one !== null && one !== undefined) : undefined;
    const snapshots = at(data, 'snapshots', 'nodes');
    const volumes = at(data, 'volumes', 'nodes');
    const each = (list: JsonValue | undefined, field: string) =>
      Array.isArray(list) ? list.flatMap((one) => at(one, field) ?? []) : [];
    const add = (type: string, object: JsonValue | undefined): void => {
      known[type] = { id: at(object, 'id') ?? null, uuid: at(object, 'uuid') ?? null };
    };
    add('Snapshot', first(snapshots));
    add('Volume', first(volumes));
    add('Project', first(each(snapshots, 'project')));
    add('Tenant', first(each(volumes, 'tenant')));
    add('Restoration', first(each(snapshots, 'restorations')));
  });

  const everyKey = Object.entries(ENTITY_KEYS).flatMap(([type, keys]) => keys.map((key) => [type, key] as const));

  it.each(everyKey)('a %s is found by its %s', async (type, key) => {
    const { data, errors } = await entities([{ __typename: type, [key]: known[type]?.[key] }]);
    expect(errors).toBeUndefined();
    expect(at(data, '_entities', 0, '__typename')).toBe(type);
  });

  it('is served and described by the committed document', async () => {
    const { data } = await gateway().query('{ _service { sdl } }');
    expect(at(data, '_service', 'sdl')).toBe(printed('federation.graphql'));
    expect(await (await fetch(`${gateway().url}/schema.graphql`)).text()).toBe(printed('federation.graphql'));
  });

  it('has no node and nodes', async () => {
    for (const document of ['{ node(id: "x") { id } }', '{ nodes(ids: ["x"]) { id } }']) {
      const { errors } = await gateway().query(document);
      expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    }
  });

  it('many entities are loaded together, in their order, duplicates once', async () => {
    const { data } = await gateway().query('{ snapshots(first: 30) { nodes { uuid name } } }');
    const rows = at(data, 'snapshots', 'nodes');
    if (!Array.isArray(rows)) throw new Error('no snapshots');
    const wanted = [...rows, ...rows].reverse();
    const before = gateway().calls();
    const answer = await entities(wanted.map((row) => ({ __typename: 'Snapshot', uuid: at(row, 'uuid') })));
    expect(answer.errors).toBeUndefined();
    expect(wanted.map((_, i) => at(answer.data, '_entities', i, 'name'))).toEqual(wanted.map((row) => at(row, 'name')));
    expect(gateway().calls() - before).toBeLessThan(rows.length);
  });

  it.each([
    ['one snapshot', [1, 0, 0, 0], 1],
    ['99 snapshots', [99, 0, 0, 0], 2],
    ['20 snapshots, 20 volumes, 4 projects and 4 tenants', [20, 20, 4, 4], 5],
  ] as const)('%s: the requests that docs/costs.md promises', async (_what, counts, requests) => {
    const representations = TABLES.flatMap(([type, table], i) =>
      dataset[table].slice(0, counts[i]).map(({ uuid }) => ({ __typename: type, uuid })),
    );
    const { data, errors } = await entities([...representations, { __typename: 'Snapshot', uuid: 'not a uuid' }]);
    expect(errors).toHaveLength(1);
    expect(representations.map((_, i) => at(data, '_entities', i, '__typename'))).toEqual(
      representations.map(({ __typename }) => __typename),
    );
    expect(gateway().calls()).toBeLessThanOrEqual(requests);
  });

  it('answers the same when the operation has a compiled plan', async () => {
    const representations = [
      { __typename: 'Snapshot', id: known.Snapshot?.id },
      { __typename: 'Volume', uuid: known.Volume?.uuid },
      { __typename: 'Project', uuid: known.Project?.uuid },
      { __typename: 'PageInfo' },
    ];
    const first = await entities(representations);
    const second = await entities(representations);
    const third = await entities(representations);
    expect([second.data, third.data]).toEqual([first.data, first.data]);
    expect(third.errors).toEqual(first.errors);
  });

  it('what the caller may not see and what does not exist is null without an error', async () => {
    const answer = await entities(
      [
        { __typename: 'Snapshot', uuid: known.Snapshot?.uuid },
        { __typename: 'Volume', uuid: '0'.repeat(32) },
        { __typename: 'Project', uuid: '0'.repeat(32) },
        { __typename: 'Tenant', uuid: '0'.repeat(32) },
      ],
      'stranger',
    );
    expect(answer).toMatchObject({ errors: undefined, data: { _entities: [null, null, null, null] } });
  });

  it('representations may be literals, with variables in them', async () => {
    const { data, errors } = await gateway().query(
      'query ($uuid: UUID!) { _entities(representations: [{ __typename: "Snapshot", uuid: $uuid }]) { __typename } }',
      { variables: { uuid: known.Snapshot?.uuid } },
    );
    expect([data, errors]).toEqual([{ _entities: [{ __typename: 'Snapshot' }] }, undefined]);
  });

  const foreign = 'U25hcHNob3Q6eA';
  it.each<[string, unknown, string]>([
    ['no object', 7, 'representations[0]'],
    ['a list', [], 'representations[0].__typename'],
    ['no type', { id: foreign }, 'representations[0].__typename'],
    ['a type without entities', { __typename: 'PageInfo', id: foreign }, 'representations[0].__typename'],
    ['a type that is no string', { __typename: ['Snapshot'] }, 'representations[0].__typename'],
    ['a name of Object.prototype', { __typename: 'constructor' }, 'representations[0].__typename'],
    ['no key', { __typename: 'Snapshot', name: 'x' }, 'representations[0]'],
    ['null keys', { __typename: 'Snapshot', id: null, uuid: null }, 'representations[0]'],
    ['an id that is none', { __typename: 'Snapshot', id: foreign }, 'representations[0].id'],
    ['an id that is an object', { __typename: 'Snapshot', id: { $ne: '' } }, 'representations[0].id'],
    ['a uuid that is none', { __typename: 'Volume', uuid: '../users' }, 'representations[0].uuid'],
    ['a uuid that is a number', { __typename: 'Volume', uuid: 1 }, 'representations[0].uuid'],
    ['a restoration by uuid', { __typename: 'Restoration', uuid: '0'.repeat(32) }, 'representations[0]'],
  ])('%s is an error at its place and is not sent to Waldur', async (_, representation, argument) => {
    const before = gateway().calls();
    const { data, errors } = await entities([representation]);
    expect(data).toEqual({ _entities: [null] });
    expect(errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'BAD_USER_INPUT', argument } }]);
    expect(gateway().calls()).toBe(before);
  });

  it('an id of another type, and an id with the uuid of another object, are refused', async () => {
    const { errors } = await entities([
      { __typename: 'Volume', id: known.Snapshot?.id },
      { __typename: 'Snapshot', id: known.Snapshot?.id, uuid: known.Volume?.uuid },
      { __typename: 'Snapshot', id: known.Snapshot?.id, uuid: known.Snapshot?.uuid },
    ]);
    expect(errors?.map(({ path, message }) => [path?.[1], message])).toEqual([
      [0, 'representations[0].id is not the id of an object of type Volume.'],
      [1, 'representations[1].id and representations[1].uuid belong to different objects.'],
    ]);
  });

  it('at most 100 representations, and each costs a row', async () => {
    const before = gateway().calls();
    const many = Array.from({ length: 101 }, () => ({ __typename: 'Snapshot', uuid: known.Snapshot?.uuid }));
    const { status, errors } = await entities(many);
    expect([status, errors?.[0]?.extensions]).toMatchObject([
      400,
      { code: 'BAD_USER_INPUT', argument: 'representations' },
    ]);
    expect(gateway().calls()).toBe(before);
    const { extensions } = await gateway().query(ENTITIES, {
      variables: { representations: many.slice(0, 7) },
      headers: { 'x-explain': 'cost' },
    });
    expect(at(extensions ?? null, 'cost', 'rows')).toBe(7);
  });

  it('lists below entities are multiplied with their number', async () => {
    const { errors } = await gateway().query(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Volume { snapshots(first: 1000) { nodes { name } } } } }',
      {
        variables: { r: Array.from({ length: 60 }, () => ({ __typename: 'Volume', uuid: uuidOf.volume('db-data') })) },
      },
    );
    expect(errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX');
  });
});

describe('with FEDERATION and without introspection', () => {
  const gateway = useGateway({ federation: true, introspection: false });

  it('_service is refused, because it contains the schema; entities work', async () => {
    const { errors } = await gateway().query('{ _service { sdl } }');
    expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    const { data } = await gateway().query(ENTITIES, {
      variables: { representations: [{ __typename: 'Volume', uuid: '0'.repeat(32) }] },
    });
    expect(data).toEqual({ _entities: [null] });
  });
});

describe('without FEDERATION', () => {
  const gateway = useGateway();

  it('the schema has nothing of it', async () => {
    const { data } = await gateway().query(
      '{ __schema { types { name } directives { name } queryType { fields { name } } } }',
    );
    expect(JSON.stringify(data)).not.toMatch(/"_(?!_)|"(?:key|link|shareable|federation__)/);
    expect(printed('schema.graphql')).not.toMatch(/@key|@shareable|@link|_entities|_service/);
  });
});
