import { isUuid, NOT_PRINTED, readingBytes, readingValue, unless } from './code.ts';
import { UUID_LENGTH } from './columns.ts';
import type { RowPrinter } from './row-printer.ts';
import { NotPrinted } from './source.ts';
import type { Layout } from './text.ts';
import type { Wanted, WantedColumns } from './wanted.ts';

/**
 * Code that finds the columns of a row, in the order of its layout. Objects within a column are printed at once, beside, and copied to
 * where they belong.
 * @param tellsAbove true when those objects are printed with the row's uuid.
 * @param give hands something to the code. @returns its name there.
 * @throws NotPrinted for a layout that lacks what is needed.
 */
export function readingRow(
  { keys, tail }: Layout,
  wanted: WantedColumns,
  tellsAbove: boolean,
  give: (what: string, value: unknown) => string,
): string[] {
  const lines: string[] = [];
  const seen = new Set<string>();
  for (const { name, bytes } of keys) {
    lines.push(...readingBytes(bytes));
    seen.add(name);
    const column = wanted.find(name);
    if (column === undefined) lines.push('{ const s = p;', ...readingValue('s', 'textEnd'), '}');
    else if (column.rows === undefined) lines.push(...readingColumn(column));
    else {
      const uuid = wanted.find('uuid');
      if (tellsAbove && (uuid === undefined || !seen.has('uuid'))) throw new NotPrinted('the uuid comes later');
      lines.push(
        ...readingRows(column.id, give('rows', column.rows satisfies RowPrinter), tellsAbove ? uuid : undefined),
      );
    }
  }
  lines.push(...readingBytes(tail));
  for (const [name, { id, required }] of wanted.all) {
    if (seen.has(name)) continue;
    if (required) throw new NotPrinted(`${name} is not there`);
    lines.push(`const s${id} = -1, e${id} = -1, u${id} = false;`);
  }
  return lines;
}

function readingColumn({ id, isText, isUuid: wantsUuid }: Wanted): string[] {
  const reading = readingValue(`s${id}`, isText ? 'stringifiedEnd' : 'textEnd');
  return [
    `const s${id} = p;`,
    ...(wantsUuid
      ? [`const u${id} = isUuidAt(v, p);`, `if (u${id}) p += ${UUID_LENGTH}; else {`, ...reading, '}']
      : reading),
    `const e${id} = p;`,
  ];
}

const readingRows = (id: number, rows: string, above: Wanted | undefined): string[] => [
  ...(above === undefined ? [] : [unless(isUuid(above))]),
  `const beside${id} = ${rows}.beside, s${id} = beside${id}.at;`,
  `p = ${rows}.printList(b, v, p, ${above === undefined ? '-1' : `s${above.id} + 1`});`,
  `if (p === -1) return ${NOT_PRINTED};`,
  `const e${id} = beside${id}.at;`,
];
