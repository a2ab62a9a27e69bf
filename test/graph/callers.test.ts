import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snapshotId } from '../../src/graph/ids.ts';
import { dataset, type JsonValue, useGateway, uuidOf } from '../support/gateway.ts';

/**
 * Callers never see each other's data: the same operations, by callers with different rights, interleaved on a gateway that keeps and
 * shares what it can, are answered as on one that keeps nothing.
 */
const sharing = useGateway({ cacheTtlMs: 60_000 });
const plain = useGateway({ cacheTtlMs: 0 });

const CALLERS = ['staff', 'owner1', 'owner2', 'admin1', 'member3', 'stranger', null] as const;
const some = dataset.snapshots.slice(0, 12).map(({ uuid }) => String(uuid));

const DOCUMENTS: readonly string[] = [
  '{ snapshots(first: 50) { totalCount nodes { uuid name state sourceVolume { uuid name } } } }',
  '{ snapshots(first: 40) { nodes { uuid sourceVolume { size type { name } } restorations { volume { uuid bootable } } } } }',
  '{ volumes(first: 40) { totalCount nodes { uuid snapshots(first: 2) { totalCount nodes { uuid } } } } }',
  '{ volumes(last: 5) { pageInfo { startCursor endCursor } nodes { name } } }',
  '{ viewer { username isStaff } snapshots { totalCount } }',
  `{ snapshot(uuid: "${uuidOf.snapshot('rw-target')}") { name project { name } availableActions { action allowed } } }`,
  `{ node(id: "${snapshotId(uuidOf.snapshot('rw-target'))}") { id ... on Snapshot { name } } }`,
  `{ snapshotsByUuid(uuids: ${JSON.stringify(some)}) { uuid name } }`,
  `{ volume(uuid: "${uuidOf.volume('db-data')}") { name snapshots(first: 3) { nodes { name } } } }`,
];

describe('isolation of callers', () => {
  const step = fc.record({ as: fc.constantFrom(...CALLERS), document: fc.constantFrom(...DOCUMENTS) });

  it('every query, sequential and concurrent, with all caches enabled', async () => {
    const expected = new Map<string, { data: JsonValue | undefined; codes: unknown }>();
    const answer = async (
      running: ReturnType<typeof sharing>,
      { as, document }: { as: string | null; document: string },
    ) => {
      const { data, errors } = await running.query(document, { as });
      return { data, codes: errors?.map(({ extensions }) => extensions.code) };
    };
    for (const as of CALLERS) {
      for (const document of DOCUMENTS) expected.set(`${as} ${document}`, await answer(plain(), { as, document }));
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 }),
        async (waves) => {
          for (const wave of waves) {
            const answers = await Promise.all(wave.map((one) => answer(sharing(), one)));
            for (const [i, one] of wave.entries())
              expect(answers[i]).toEqual(expected.get(`${one.as} ${one.document}`));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('the callers of this test do see different objects', async () => {
    const [everything, something, nothing] = await Promise.all(
      ['staff', 'owner2', 'stranger'].map((as) => plain().query('{ snapshots { totalCount } }', { as })),
    );
    expect(new Set([everything?.data, something?.data, nothing?.data].map((data) => JSON.stringify(data))).size).toBe(
      3,
    );
  });
});
