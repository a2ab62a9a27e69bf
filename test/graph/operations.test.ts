import { describe, expect, it } from 'vitest';
import { at, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';
import { operationsOf } from '../support/operations.ts';

/** The documents of test/operations, sent unchanged. */
const target = uuidOf.snapshot('rw-target');

const gateway = useGateway();

describe.each(['snapshots', 'volumes', 'choices', 'mutations', 'additions'] as const)(
  'documents of %s.graphql',
  (file) => {
    it.each(operationsOf(file))('$operationName runs unchanged', async ({ query, operationName, variables }) => {
      const { status, errors, data } = await gateway().query(query, { operationName, variables });
      expect(errors).toBeUndefined();
      expect(status).toBe(200);
      for (const root of Object.keys(Object(data))) expect(at(data, root, 'userErrors') ?? []).toEqual([]);
    });
  },
);

describe('with the recorded version of Waldur', () => {
  const older = useGateway({}, { simulator: { waldur: '2024' } });

  it('the table has the same result, states and customers included', async () => {
    const table = operationsOf('snapshots').find(({ operationName }) => operationName === 'SnapshotTable');
    if (table === undefined) throw new Error('the documents have no SnapshotTable');
    const [before, after] = await Promise.all([older().query(table.query, table), gateway().query(table.query, table)]);
    expect(before.errors).toBeUndefined();
    expect(before.data).toEqual(after.data);
  });

  it('a filter on states is sent in the spelling of that version, which is remembered', async () => {
    const document = '{ snapshots(filter: {state: [UPDATE_SCHEDULED]}) { totalCount nodes { state } } }';
    const first = await older().query(document);
    expect(at(first.data, 'snapshots', 'totalCount')).toBe(2);
    older().simulator.resetStats();
    await older().query(document);
    expect(older().calls()).toBe(1);
  });

  it("the customer's uuid is read from its URL", async () => {
    const { data } = await older().query(`{ snapshot(uuid: "${target}") { customer { uuid name } } }`);
    expect(at(data, 'snapshot', 'customer')).toEqual({
      uuid: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: 'Institute of Biology',
    });
  });
});

it('the tests use the tokens of the recorded data', () => expect(tokenOf('staff')).toMatch(/^[0-9a-f]{40}$/));
