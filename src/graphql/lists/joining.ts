import type { ListRequest } from '../../loaders/lists.ts';
import type { Loaders } from '../../loaders/loaders.ts';
import { type Literal, literal } from '../printing/output.ts';
import { Printer } from '../printing/printer.ts';
import type { Facts, PrintedField } from '../printing/source.ts';

/** What is printed of resources that rows refer to; see `Facts`. */
export type Joined = Facts['joined'];

const NOTHING = literal('null');

/** For a first look at whether a page can be printed at all. */
export const DRAFT: Joined = () => NOTHING;

/** Columns by which a row tells where what belongs to it is to be found; see loaders/hints.ts. */
const HINTS = ['project_uuid', 'tenant_uuid'];

const lookouts = new WeakMap<Printer, Printer>();

/** Prints of each row what tells the resources that a printer joins. */
function lookoutOf(printer: Printer): Printer | undefined {
  let lookout = lookouts.get(printer);
  if (lookout === undefined) {
    const columns = new Set([...printer.joins.flatMap(({ join }) => join?.address ?? []), ...HINTS]);
    lookout = Printer.of([...columns].map(columnOf));
    if (lookout !== undefined) lookouts.set(printer, lookout);
  }
  return lookout;
}

const columnOf = (column: string): PrintedField => ({
  key: column,
  source: { kind: 'column', column, holds: 'optional text' },
  make: () => null,
  names: undefined,
  fields: undefined,
});

/**
 * Reads the resources that rows refer to, each once, without reading the rows.
 * @returns undefined when one of them cannot be had, or printed: the rows have to be read then, and their fields say what is wrong.
 */
export async function joinTo(
  json: string,
  list: ListRequest,
  printer: Printer,
  loaders: Loaders,
): Promise<Joined | undefined> {
  const lookout = lookoutOf(printer)?.print(json, list.window.count, {
    cursorOf: String,
    isStaff: false,
    joined: DRAFT,
  });
  if (lookout === undefined) return undefined;
  const rows: object[] = JSON.parse(lookout.list.bytes.toString());
  loaders.remember(rows, list);
  try {
    const entries = await Promise.all(
      printer.joins.map(async (field) => [field, await load(field, rows, loaders)] as const),
    );
    const joined = new Map(entries);
    return (field, index) => joined.get(field)?.[index];
  } catch {
    return undefined;
  }
}

/**
 * @returns what is printed of the resource of each row; undefined where there is none.
 * @throws whatever one of them could not be loaded or made for.
 */
async function load(
  { join, make }: PrintedField,
  rows: readonly object[],
  loaders: Loaders,
): Promise<readonly (Literal | undefined)[]> {
  if (join === undefined) return [];
  // All of them before the first is loaded: nobody would wait for that one any more.
  const first = new Map<string, object>();
  const uuids = rows.map((row) => {
    const uuid = join.uuid(row);
    if (uuid !== null && !first.has(uuid)) first.set(uuid, row);
    return uuid;
  });
  const loaded = await Promise.all([...first].map(([uuid, row]) => join.load(row, uuid, loaders)));
  const printed = new Map<string | null, Literal>();
  let i = 0;
  for (const uuid of first.keys()) printed.set(uuid, literal(JSON.stringify(make(loaded[i++] ?? null, false))));
  return uuids.map((uuid) => printed.get(uuid));
}
