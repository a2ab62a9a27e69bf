import { isUuid, NOT_PRINTED, readingBytes, readingValue, unless } from './code.ts';
import { UUID_LENGTH } from './columns.ts';
import type { Key, Layout } from './layout.ts';
import type { RowPrinter } from './row-printer.ts';
import { NotPrinted } from './source.ts';
import type { Wanted, WantedColumns } from './wanted.ts';

interface Reading {
  /** Statements that declare what the function keeps from call to call, and those that forget it. */
  readonly kept: readonly string[];
  readonly forgotten: readonly string[];
  readonly lines: readonly string[];
}

/**
 * Code that finds the columns of a row, in the order of its layout. Objects within a column are printed at once, beside, and copied to
 * where they belong.
 * @param tellsAbove true when those objects are printed with the row's uuid.
 * @param give hands something to the code. @returns its name there.
 * @throws NotPrinted for a layout that lacks what is needed.
 */
export function readingRow(
  layout: Layout,
  wanted: WantedColumns,
  tellsAbove: boolean,
  give: (what: string, value: unknown) => string,
): Reading {
  const kept: string[] = [];
  const forgotten: string[] = [];
  const remembered: string[] = [];
  const lines: string[] = [];
  const seen = new Set<string>();
  const readingKey = ({ name, bytes }: Key): string[] => {
    seen.add(name);
    const column = wanted.find(name);
    const key = readingBytes(bytes);
    if (column === undefined) return [...key, '{', 'const s = p;', ...readingValue('s', 'textEnd'), '}'];
    if (column.rows === undefined) return [...key, ...readingColumn(column)];
    const uuid = wanted.find('uuid');
    if (tellsAbove && (uuid === undefined || !seen.has('uuid'))) throw new NotPrinted('the uuid comes later');
    return [
      ...key,
      ...readingRows(column.id, give('rows', column.rows satisfies RowPrinter), tellsAbove ? uuid : undefined),
    ];
  };
  for (const [i, { keys, repeats }] of layout.runs.entries()) {
    const columns = keys.flatMap(({ name }) => wanted.find(name) ?? []);
    lines.push(...columns.map(({ id }) => `let s${id} = -1, e${id} = -1, u${id} = false;`));
    const reading = keys.flatMap(readingKey);
    if (!repeats) lines.push(...reading);
    else {
      kept.push(...keeping(i, columns));
      forgotten.push(`from_${i} = -1;`);
      remembered.push(...remembering(i, columns));
      lines.push(...readingAgain(i, columns, reading));
    }
  }
  lines.push(...readingBytes(layout.tail), ...remembered);
  for (const [name, { id, required }] of wanted.all) {
    if (seen.has(name)) continue;
    if (required) throw new NotPrinted(`${name} is not there`);
    lines.push(`const s${id} = -1, e${id} = -1, u${id} = false;`);
  }
  return { kept, forgotten, lines };
}

/** Declares where a run was found last, how long it was, and where its columns were within it: none of them holds objects printed beside. */
const keeping = (run: number, columns: readonly Wanted[]): string[] => [
  `let from_${run} = -1, length_${run} = 0;`,
  ...columns.map(({ id }) => `let start_${id} = 0, end_${id} = 0, isUuid_${id} = false;`),
];

/** Takes a run as it was found in a row before, where the same bytes stand here. */
const readingAgain = (run: number, columns: readonly Wanted[], reading: readonly string[]): string[] => [
  `const begin_${run} = p;`,
  `const again_${run} = from_${run} >= 0 && p + length_${run} <= end && areEqual(v, from_${run}, p, length_${run});`,
  `if (again_${run}) {`,
  ...columns.map(({ id }) => `s${id} = p + start_${id}; e${id} = p + end_${id}; u${id} = isUuid_${id};`),
  `p += length_${run};`,
  '} else {',
  ...reading,
  '}',
  `const stop_${run} = p;`,
];

/**
 * Remembers a run of a row that has been read to its end: one that turns out to be of another layout is printed by another function. A run
 * that ends in a digit is none to compare with: its number may go on.
 */
const remembering = (run: number, columns: readonly Wanted[]): string[] => [
  `if (!again_${run}) {`,
  `from_${run} = b[stop_${run} - 1] >= 48 && b[stop_${run} - 1] <= 57 ? -1 : begin_${run};`,
  `length_${run} = stop_${run} - begin_${run};`,
  ...columns.map(
    ({ id }) => `start_${id} = s${id} - begin_${run}; end_${id} = e${id} - begin_${run}; isUuid_${id} = u${id};`,
  ),
  '}',
];

function readingColumn({ id, isText, isUuid: wantsUuid }: Wanted): string[] {
  const reading = readingValue(`s${id}`, isText ? 'stringifiedEnd' : 'textEnd');
  return [
    `s${id} = p;`,
    ...(wantsUuid ? [`u${id} = isUuidAt(v, p);`, `if (u${id}) p += ${UUID_LENGTH}; else {`, ...reading, '}'] : reading),
    `e${id} = p;`,
  ];
}

const readingRows = (id: number, rows: string, above: Wanted | undefined): string[] => [
  ...(above === undefined ? [] : [unless(isUuid(above))]),
  `const beside${id} = ${rows}.beside;`,
  `s${id} = beside${id}.at;`,
  `p = ${rows}.printList(b, v, p, ${above === undefined ? '-1' : `s${above.id} + 1`});`,
  `if (p === -1) return ${NOT_PRINTED};`,
  `e${id} = beside${id}.at;`,
];
