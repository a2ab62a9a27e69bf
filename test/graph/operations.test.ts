import { readFileSync } from 'node:fs';
import { Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { snapshotId, volumeId } from '../../src/graph/ids.ts';
import { at, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';

/** The documents of test/operations, sent unchanged. */
const read = (file: string) => readFileSync(new URL(`../operations/${file}.graphql`, import.meta.url), 'utf8');
const target = uuidOf.snapshot('rw-target');
const restored = uuidOf.snapshot('with-three-restorations');

const VARIABLES: Readonly<Record<string, Record<string, unknown>>> = {
  SnapshotTable: { filter: { projectUuid: uuidOf.project('Genome browser') }, orderBy: [{ field: 'NAME' }], first: 20 },
  SnapshotTableBackwards: { last: 7 },
  EverySnapshotField: { uuid: restored },
  EveryFilter: {},
  Dashboard: { project: uuidOf.project('Genome browser') },
  Refetch: { id: snapshotId(target), ids: [snapshotId(target), volumeId(uuidOf.volume('db-data'))] },
  ManyByUuid: { uuids: [target, restored, target] },
  RestorationsOf: { uuid: restored },
  EveryVolumeField: { uuid: uuidOf.volume('restored-1') },
  TenantStorage: { tenant: uuidOf.tenant('proteomics-tenant') },
  SnapshotsWithVolumes: { first: 30 },
  Restore: { input: { uuid: target, name: 'from a document' } },
  Pull: { input: { uuid: target } },
  Unlink: { input: { uuid: target } },
  Update: { input: { uuid: target, description: 'changed' } },
  Replace: { input: { uuid: target, name: 'replaced' } },
  Delete: { input: { uuid: target } },
  Create: { input: { volumeUuid: uuidOf.volume('db-data'), name: 'created' } },
  PullMany: { input: { uuids: [target, restored] } },
  DeleteMany: { input: { uuids: [target, uuidOf.snapshot('st-ok')] } },
};

const gateway = useGateway();

describe.each(['snapshots', 'volumes', 'mutations'])('documents of %s.graphql', (file) => {
  const document = read(file);
  const names = parse(document).definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION && definition.name ? [definition.name.value] : [],
  );

  it.each(names)('%s runs unchanged', async (operationName) => {
    const variables = VARIABLES[operationName];
    if (variables === undefined) throw new Error(`no variables for ${operationName}`);
    const { status, errors, data } = await gateway().query(document, { operationName, variables });
    expect(errors).toBeUndefined();
    expect(status).toBe(200);
    for (const root of Object.keys(Object(data))) expect(at(data, root, 'userErrors') ?? []).toEqual([]);
  });
});

describe('against the recorded generation of Waldur', () => {
  const older = useGateway({}, { simulator: { waldur: '2024' } });

  it('the table shows the same, states and customers included', async () => {
    const options = { operationName: 'SnapshotTable', variables: VARIABLES.SnapshotTable ?? {} };
    const [before, after] = await Promise.all([
      older().query(read('snapshots'), options),
      gateway().query(read('snapshots'), options),
    ]);
    expect(before.errors).toBeUndefined();
    expect(before.data).toEqual(after.data);
  });

  it('a filter on states is sent in its own spelling, and remembered', async () => {
    const document = '{ snapshots(filter: {state: [UPDATE_SCHEDULED]}) { totalCount nodes { state } } }';
    const first = await older().query(document);
    expect(at(first.data, 'snapshots', 'totalCount')).toBe(2);
    older().simulator.resetStats();
    await older().query(document);
    expect(older().calls()).toBe(1);
  });

  it("the customer's uuid is read from its address", async () => {
    const { data } = await older().query(`{ snapshot(uuid: "${target}") { customer { uuid name } } }`);
    expect(at(data, 'snapshot', 'customer')).toEqual({
      uuid: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: 'Institute of Biology',
    });
  });
});

it('the tokens of tests are those of the recorded world', () => expect(tokenOf('staff')).toMatch(/^[0-9a-f]{40}$/));
