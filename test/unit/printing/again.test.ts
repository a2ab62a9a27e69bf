import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dice } from '../execution/support/documents.ts';
import { snapshotRow, volumeRow } from '../execution/support/rows.ts';
import { UUIDS } from '../execution/support/world.ts';
import { documentOf } from './documents.ts';
import { damaged, repeatingRows, textOf } from './rows.ts';
import { planned, type Texts } from './support.ts';

const numRuns = Number(process.env.PRINTED_LISTS ?? 600);
const SEED = Number(process.env.PRINTED_SEED ?? 20_261_126);
const PAGES = 4;

const snapshots = (...rows: object[]): Texts => ({ snapshot: JSON.stringify(rows), volume: '[]' });
const volumes = (...rows: object[]): Texts => ({ snapshot: '[]', volume: JSON.stringify(rows) });
const snapshot = (n: number, columns: object) => ({ ...snapshotRow(UUIDS[n] ?? '', UUIDS), ...columns });
const volume = (n: number, columns: object) => ({ ...volumeRow(UUIDS[n] ?? '', UUIDS), ...columns });
const instance = (n: number) => `https://waldur.test/api/openstack-instances/${String(n).padStart(32, '0')}/`;

/** What is taken from row to row must never be what stood in another row, page or answer. */
describe('lists of rows that repeat', () => {
  it('are those that graphql-js makes of them, page after page and side by side', async () => {
    let printedLists = 0;
    await fc.assert(
      fc.asyncProperty(fc.noShrink(fc.nat()), async (seed) => {
        const roll = dice(seed);
        const answer = planned(documentOf(roll));
        const text = (kind: 'snapshot' | 'volume'): string => {
          const rows = textOf(repeatingRows(kind, roll), roll);
          return roll(8) === 0 ? damaged(rows, roll) : rows;
        };
        const pages = Array.from(
          { length: PAGES },
          (): Texts => ({ snapshot: text('snapshot'), volume: text('volume') }),
        );
        const check = async (texts: Texts, isStaff: boolean): Promise<void> => {
          const { printed, read, lists } = await answer(texts, isStaff);
          expect(printed).toBe(read);
          printedLists += lists > 0 ? 1 : 0;
        };
        for (const [i, texts] of pages.entries()) await check(texts, i % 2 === 0);
        await Promise.all(pages.map((texts, i) => check(texts, i % 2 === 1)));
      }),
      { numRuns, seed: SEED },
    );
    expect(printedLists).toBeGreaterThan(numRuns * 2 * PAGES * 0.4);
  }, 120_000);

  it.each<[what: string, document: string, texts: Texts]>([
    [
      'a first volume is attached to nothing',
      '{ volumes { nodes { uuid instance { url marketplaceUuid } } } }',
      volumes(
        volume(0, { instance: null, instance_name: '', instance_marketplace_uuid: null }),
        ...[1, 2, 3].map((n) => volume(n, { instance: instance(n), instance_marketplace_uuid: null })),
      ),
    ],
    [
      'a volume between others is attached to nothing',
      '{ volumes { nodes { uuid instance { url name } } } }',
      volumes(
        ...Array.from({ length: 9 }, (_, n) => volume(0, { instance: instance(n), instance_name: 'a' })),
        volume(1, { instance: null, instance_name: 'b' }),
        volume(2, { instance: instance(10), instance_name: 'b' }),
      ),
    ],
    [
      'the volume of a first snapshot is gone',
      '{ snapshots { nodes { uuid sourceVolume { uuid marketplaceUuid } } } }',
      snapshots(
        snapshot(0, { source_volume: null, source_volume_name: null, source_volume_marketplace_uuid: null }),
        ...[1, 2].map((n) => snapshot(n, { source_volume_marketplace_uuid: null })),
      ),
    ],
  ])('are right where %s', async (_what, document, texts) => {
    const { printed, read, lists } = await planned(document)(texts);
    expect(printed).toBe(read);
    expect(lists).toBe(1);
  });

  it('have nothing of another answer in them', async () => {
    const answer = planned('{ volumes { nodes { uuid instance { name url } } } }');
    // Learned from: the names repeat, the addresses do not.
    await answer(volumes(...[1, 2, 3].map((n) => volume(n, { instance: instance(n), instance_name: 'n' }))));
    const detached = Array.from({ length: 5 }, (_, n) => volume(n, { instance: null, instance_name: `${n}` }));
    const attached = volume(5, { instance: instance(77), instance_name: 'of another customer' });
    expect((await answer(volumes(...detached, attached))).printed).toContain('of another customer');
    const others = [
      volume(1, { instance: null, instance_name: '' }),
      volume(2, { instance: instance(2), instance_name: '' }),
    ];
    const { printed, read } = await answer(volumes(...others));
    expect(printed).toBe(read);
  });

  it('are printed though the rows learned from had no list where there is one', async () => {
    const answer = planned('{ snapshots { nodes { uuid restorations { uuid } } } }');
    const none = snapshots(...[0, 1, 2].map((n) => snapshot(n, { restorations: null })));
    const some = snapshots(...[0, 1, 2].map((n) => snapshot(n, { restorations: [] })));
    for (const [texts, expected] of [
      [none, 0],
      [some, 1],
    ] as const) {
      const { printed, read, lists } = await answer(texts);
      expect(printed).toBe(read);
      expect(lists).toBe(expected);
    }
  });
});
