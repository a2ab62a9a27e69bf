import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Gaps } from '../../../src/graphql/printing/gaps.ts';
import { Printer } from '../../../src/graphql/printing/printer.ts';
import { dice } from '../execution/support/documents.ts';
import { documentOf } from './documents.ts';
import { damaged, rowsOf, textOf } from './rows.ts';
import { bothWays, type Texts } from './support.ts';

/** `PRINTED_LISTS`: how many are compared; `PRINTED_SEED`: another series of them. */
const numRuns = Number(process.env.PRINTED_LISTS ?? 1_500);
const SEED = Number(process.env.PRINTED_SEED ?? 20_261_126);

function isList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

const NONE: Texts = { snapshot: '[]', volume: '[]' };

describe('lists printed from the bytes of an answer', () => {
  it('are those that graphql-js makes of the rows, to the byte', async () => {
    const seen = { printed: 0, joined: 0, long: 0 };
    const filling = vi.spyOn(Gaps.prototype, 'fill');
    await fc.assert(
      fc.asyncProperty(fc.noShrink(fc.nat()), async (seed) => {
        const roll = dice(seed);
        const source = documentOf(roll);
        const oneIn = [1_000_000, 400, 60][roll(3)] ?? 60;
        const texts = {
          snapshot: textOf(rowsOf('snapshot', roll, oneIn), roll),
          volume: textOf(rowsOf('volume', roll, oneIn), roll),
        };
        filling.mockClear();
        const { printed, read, lists } = await bothWays(source, texts);
        expect(printed).toBe(read);
        seen.joined += filling.mock.results.some(({ type }) => type === 'return') ? 1 : 0;
        seen.printed += lists > 0 ? 1 : 0;
        seen.long += lists > 0 && printed.length > 8_192 ? 1 : 0;
      }),
      { numRuns, seed: SEED },
    );
    console.info(`printed lists: ${JSON.stringify(seen)} of ${numRuns}`);
    expect(seen.printed).toBeGreaterThan(numRuns * 0.4);
    filling.mockRestore();
    expect(seen.joined).toBeGreaterThan(numRuns * 0.01);
    expect(seen.long).toBeGreaterThan(numRuns * 0.005);
  }, 120_000);

  it('are not printed of what is no JSON, nor of what reads otherwise', async () => {
    const source = `{ snapshots(first: 50) { nodes {
      id uuid name size state keptUntil metadata displayStatus project { uuid name } sourceVolume { uuid name }
      restorations { id uuid created volume { uuid name state size } }
    } } }`;
    let printedAll = 0;
    await fc.assert(
      fc.asyncProperty(fc.noShrink(fc.nat()), async (seed) => {
        const roll = dice(seed);
        const text = damaged(textOf(rowsOf('snapshot', roll, 1_000_000), roll), roll);
        const { printed, read, lists } = await bothWays(source, { ...NONE, snapshot: text });
        expect(printed).toBe(read);
        if (!isList(text)) expect(lists).toBe(0);
        printedAll += lists;
      }),
      { numRuns, seed: SEED },
    );
    expect(printedAll).toBeGreaterThan(numRuns * 0.05);
  }, 120_000);

  it('load nothing for rows of which one is not as it should be', async () => {
    // The first refers to a volume that cannot be read; the second refers to nothing that there could be.
    const refers = (address: unknown) => ({ uuid: '1'.repeat(32), source_volume: address, source_volume_name: 'a' });
    const rows = [refers(`https://waldur.test/api/openstack-volumes/${'0'.repeat(31)}5/`), refers('nowhere')];
    const source = '{ snapshots { nodes { uuid sourceVolume { size } } } }';
    const { printed, read, lists } = await bothWays(source, { ...NONE, snapshot: JSON.stringify(rows) });
    expect(printed).toBe(read);
    expect(lists).toBe(0);
  });

  it('are read where the selection holds what has to be asked for', async () => {
    const rows = textOf(rowsOf('snapshot', dice(5), 1_000_000), dice(1));
    const { printed, read, lists } = await bothWays(
      '{ snapshots { nodes { uuid restorations { volume { modified } } } edges { node { name } } } }',
      { ...NONE, snapshot: rows },
    );
    expect(printed).toBe(read);
    expect(lists).toBe(0);
  });
});

const FACTS = { cursorOf: String, isStaff: false, gaps: Gaps.none() };

describe('a printer', () => {
  const fields = [
    {
      key: 'name',
      source: { kind: 'column', column: 'name', holds: 'text' } as const,
      make: () => null,
      names: undefined,
      fields: undefined,
    },
  ];

  it('sees nothing of the text before', () => {
    const printer = Printer.of(fields);
    const secret = JSON.stringify([{ name: 'a' }, { name: 'somebody else' }]);
    expect(printer?.print(secret, 10, FACTS)?.count).toBe(2);
    // Cut off where the rest of the other text would make it whole.
    for (let end = 0; end < secret.length; end++) {
      expect(printer?.print(secret.slice(0, end), 10, FACTS)).toBeUndefined();
    }
  });

  it('takes again what repeats from row to row, and only within a page', () => {
    const column = (name: string, holds: 'text' | 'uuid' | 'int') => ({
      key: name,
      source: { kind: 'column', column: name, holds } as const,
      make: () => null,
      names: undefined,
      fields: undefined,
    });
    const columns = [column('project_uuid', 'uuid'), column('size', 'int'), column('project_name', 'text')];
    const printer = Printer.of(columns);
    const row = (digit: string, size: number, name: string) => ({
      project_uuid: digit.repeat(32),
      skipped: 'always',
      size,
      project_name: name,
    });
    const again = [
      row('a', 1, 'one'),
      row('a', 1, 'one'),
      row('a', 12, 'one'),
      row('b', 1, 'one'),
      row('b', 1, 'onet'),
    ];
    for (const rows of [
      // Learned from.
      Array.from({ length: 10 }, () => row('a', 1, 'one')),
      again,
      // Of the same length as the one before.
      [row('c', 1, 'two'), row('c', 1, 'two'), row('c', 12, 'two'), row('a', 1, 'one'), row('b', 1, 'onet')],
      [row('d', 1, 'o"e')],
      // Rows of another layout, which is seen only behind what repeats.
      [row('a', 1, 'one'), { ...row('b', 1, 'two'), more: 1 }, row('b', 1, 'two'), row('b', 1, 'two')],
      [{ ...row('c', 1, 'one'), more: 1 }, row('c', 1, 'one'), row('c', 1, 'one')],
      again.toReversed(),
    ]) {
      const wanted = rows.map(({ project_uuid, size, project_name }) => ({ project_uuid, size, project_name }));
      const printed = printer?.print(JSON.stringify(rows), 10, FACTS);
      expect(printed?.list.bytes.toString()).toBe(JSON.stringify(wanted));
    }
    // What is no uuid in one row is none in the next one.
    const odd = JSON.stringify([row('a', 1, 'one'), row('g', 1, 'one'), row('g', 1, 'one')]);
    expect(printer?.print(odd, 10, FACTS)).toBeUndefined();
  });

  it('prints no more rows than were asked for', () => {
    const text = JSON.stringify([{ name: 'a' }, { name: 'b' }]);
    expect(Printer.of(fields)?.print(text, 1, FACTS)).toBeUndefined();
    expect(Printer.of(fields)?.print(text, 2, FACTS)?.list.bytes.toString()).toBe(text);
  });

  it('begins anew when there are too many of them', () => {
    const printers = Array.from({ length: 400 }, () => Printer.of(fields));
    const text = JSON.stringify([{ name: 'a' }]);
    for (const printer of [...printers, ...printers]) {
      expect(printer?.print(text, 1, FACTS)?.list.bytes.toString()).toBe(text);
    }
  });

  it('prints what it can after any number of pages that it cannot', () => {
    const printer = Printer.of(fields);
    for (let n = 0; n < 20; n++) expect(printer?.print(JSON.stringify([{ other: n }]), 1, FACTS)).toBeUndefined();
    expect(printer?.print(JSON.stringify([{ name: 'a' }]), 1, FACTS)?.count).toBe(1);
  });

  it('does not learn rows that are each written in another way', () => {
    const printer = Printer.of(fields);
    const rows = Array.from({ length: 40 }, (_, i) => ({ [`column${i}`]: i, name: 'a' }));
    const printed = rows.map((row) => printer?.print(JSON.stringify([row]), 1, FACTS) !== undefined);
    expect(printed.filter((one) => one).length).toBeLessThan(10);
    expect(printer?.print('[{"column0":0,"name":"a"}]', 1, FACTS)?.list.bytes.toString()).toBe('[{"name":"a"}]');
  });
});
