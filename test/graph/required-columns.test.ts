import { buildSchema, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { requiredColumns } from '../../src/graph/required-columns.ts';
import { readTypeDefs } from '../../src/graph/typedefs.ts';
import { at, useGateway, uuidOf } from '../support/gateway.ts';

const schema = buildSchema(readTypeDefs());

function columns(text: string, variableValues: Record<string, unknown> = {}) {
  const document = parse(text);
  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  const fragments = Object.fromEntries(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  if (operation === undefined) throw new Error('no operation');
  return requiredColumns({ operation, fragments, variableValues }, schema);
}

describe('REST columns that a document needs', () => {
  it.each([
    ['{ snapshots { totalCount } }', [], []],
    ['{ snapshots { nodes { name __typename } } }', ['name'], []],
    [
      '{ snapshots { edges { node { ...F } } } } fragment F on Snapshot { ... on Node { id } ... { size } }',
      ['size'],
      [],
    ],
    ['{ snapshots { nodes { sourceVolume { id name } } } }', ['source_volume', 'source_volume_name'], ['name']],
    ['{ snapshots { nodes { sourceVolume { size } } } }', ['source_volume'], ['size']],
    ['{ snapshots { nodes { restorations { volume { name } } } } }', ['restorations'], ['name']],
    ['{ snapshots { nodes { restorations { volume { type { name } } } } } }', ['restorations'], ['type', 'type_name']],
    [
      '{ volumes { nodes { snapshots { nodes { state } } instance { name } } } }',
      ['state'],
      ['instance', 'instance_name'],
    ],
    ['{ volumes { nodes { sourceSnapshot { uuid } } } }', [], ['source_snapshot']],
    [
      '{ snapshots { nodes { project { name } displayStatus } } }',
      ['action', 'project_name', 'runtime_state', 'state'],
      [],
    ],
    [
      '{ snapshots { nodes { marketplace { plan { uuid } } } } }',
      ['marketplace_plan_uuid', 'marketplace_resource_uuid'],
      [],
    ],
    ['{ node(id: "x") { id ... on Snapshot { name } ... on Volume { size } } }', ['name'], ['size']],
    // A tenant has rows of its own; other objects are part of the row around them.
    ['{ volumes { nodes { tenant { id uuid url } } } }', [], ['tenant', 'tenant_uuid']],
    ['{ volumes { nodes { tenant { name quotas { usage } } } } }', [], ['tenant', 'tenant_uuid']],
    ['{ snapshots { nodes { project { id customer { name } } } } }', ['customer_name', 'project_uuid'], []],
    ['{ projects { nodes { name customer { name } } } node(id: "x") { ... on Image { name } } }', [], []],
    ['mutation { pullSnapshot(input: {uuid: "x"}) { snapshot { state } } }', ['state'], []],
    ['subscription { volumeChanges { volume { device } } }', [], ['device']],
    ['query ($yes: Boolean!) { snapshots { nodes { name @include(if: $yes) } } }', ['name'], []],
  ])('%s', (document, snapshot, volume) => {
    const found = columns(document);
    expect(found.snapshot.filter((column) => column !== 'uuid')).toEqual(snapshot);
    expect(found.volume.filter((column) => column !== 'uuid')).toEqual(volume);
  });

  it('of other objects are those of their own rows', () => {
    const found = columns(`{ projects { nodes { ...P } } tenants { nodes { name quotas { name } } }
      volumes { nodes { project { url } tenant { name } } } node(id: "x") { ... on ServiceSettings { state } ... on Customer { nativeName } } }
      fragment P on Project { name customer { abbreviation } }`);
    expect(found.project).toEqual(['customer_abbreviation', 'project_name', 'project_uuid', 'uuid']);
    expect(found.tenant).toEqual(['name', 'quotas', 'uuid']);
    expect(found.volume).toEqual(['project', 'tenant', 'tenant_uuid', 'uuid']);
    expect(found.serviceSettings).toEqual(['service_settings_state', 'service_settings_uuid', 'uuid']);
    expect(found.customer).toEqual(['customer', 'customer_native_name', 'customer_uuid', 'uuid']);
    expect(found.image).toEqual(['image', 'image_name', 'uuid']);
  });

  it('a fragment on a type counts for the row around it and for rows of its own', () => {
    const found = columns(`{ snapshots { nodes { project { ...P } } } projects { nodes { ...P } } }
      fragment P on Project { name }`);
    expect(found.snapshot).toContain('project_name');
    expect(found.project).toContain('project_name');
  });

  it('an exponential tree of fragments is walked once', () => {
    const fragments = Array.from(
      { length: 60 },
      (_, i) => `fragment f${i} on Snapshot { ...f${i + 1} ...f${i + 1} }`,
    ).join(' ');
    expect(
      columns(`{ snapshots { nodes { ...f0 } } } ${fragments} fragment f60 on Snapshot { name }`).snapshot,
    ).toEqual(['name', 'uuid']);
  });
});

describe('requests sent upstream', () => {
  const gateway = useGateway();

  it('lists request the columns of the document, and writes request none', async () => {
    await gateway().query('{ snapshots(first: 2) { nodes { name state } } }');
    expect((await gateway().requests()).at(-1)?.path).toContain('field=name&field=state&field=uuid');
    const uuid = uuidOf.snapshot('rw-target');
    await gateway().query(`mutation { updateSnapshot(input: {uuid: "${uuid}", name: "x"}) { snapshot { name } } }`);
    const write = (await gateway().requests()).find(({ method }) => method === 'PATCH');
    expect(write?.path).not.toContain('field');
  });

  it('every path to a field returns the same value', async () => {
    const uuid = uuidOf.snapshot('with-three-restorations');
    const { data, errors } = await gateway().query(
      `query ($uuid: UUID!, $no: Boolean = false) {
        a: snapshot(uuid: $uuid) { ...F sourceVolume { ... on Volume { uuid } ...V } }
        b: snapshot(uuid: $uuid) { ... on Snapshot { name size @skip(if: $no) } sourceVolume { uuid name size } }
      }
      fragment F on Snapshot { name ... @include(if: true) { size } }
      fragment V on Volume { name size }`,
      { variables: { uuid } },
    );
    expect(errors).toBeUndefined();
    expect(at(data, 'a')).toEqual(at(data, 'b'));
  });

  it('volumes have their image, zone and instance', async () => {
    const fields =
      'image { uuid name url } imageMetadata availabilityZone { uuid name url } instance { uuid name url marketplaceUuid } type { uuid name } metadata sourceSnapshot { uuid url }';
    const { data, errors } = await gateway().query(`{
      booted: volume(uuid: "${uuidOf.volume('db-system')}") { ${fields} }
      restored: volume(uuid: "${uuidOf.volume('restored-1')}") { ${fields} sourceSnapshot { name } }
      plain: volume(uuid: "${uuidOf.volume('prot-plain')}") { ${fields} }
    }`);
    expect(errors ?? []).toEqual([]);
    expect(at(data, 'booted')).toMatchObject({
      image: { name: 'Ubuntu 24.04' },
      imageMetadata: expect.stringContaining("'image_id': '0b1c'"),
      availabilityZone: { name: 'nova' },
      instance: { name: 'db-server' },
      type: { name: 'ssd' },
    });
    expect(at(data, 'restored', 'sourceSnapshot', 'name')).toBe('with-one-restoration');
    expect(at(data, 'plain')).toMatchObject({ image: null, imageMetadata: null, instance: null });
  });
});
