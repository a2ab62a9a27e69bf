import type { GraphQLResolveInfo } from 'graphql';
import { Printer } from '../printing/printer.ts';
import type { PrintedField } from '../printing/source.ts';
import { SharedInfo } from './info.ts';
import type { PlanField, Printing, Selection } from './plan.ts';
import type { Convert, Straight } from './straight.ts';
import type { Leaf } from './written.ts';

/** What of a plan can be printed from Waldur's bytes; see ../printing/. */

type Planned = Selection['fields'][number];

/** `__typename`. */
export function typename(key: string, name: string): Planned {
  const make = (): string => name;
  const printed: PrintedField = {
    key,
    source: { kind: 'constant', value: name },
    make,
    names: undefined,
    fields: undefined,
  };
  return { key, execute: make, written: { straight: make }, printed, printer: undefined };
}

export function printedLeaf(
  { key, extensions }: PlanField,
  straight: Straight,
  leaf: Leaf | undefined,
): PrintedField | undefined {
  const source = extensions.print;
  if (source === undefined) return undefined;
  // Columns are copied as they stand, so their values must be those of the answer; an enum's are named.
  const isNamed = typeof leaf === 'object';
  if (source.kind === 'column' && (leaf === undefined || isNamed !== (source.holds === 'state'))) return undefined;
  return { key, source, make: straight, names: isNamed ? leaf : undefined, fields: undefined };
}

/** An object, or a list of them. */
export function printedBranch(
  field: PlanField,
  straight: Straight | undefined,
  convert: Convert | undefined,
  selection: Selection | undefined,
): PrintedField | undefined {
  const { key, extensions } = field;
  const { print, join, forCaller } = extensions;
  if (print === undefined || convert === undefined) return undefined;
  const known = { key, names: undefined, fields: selection && printedFields(selection) };
  if (straight !== undefined) return { ...known, source: print, make: straight };
  if (forCaller !== undefined)
    return { ...known, source: print, make: (row, isStaff) => convert(forCaller(row, isStaff)) };
  if (join === undefined) return undefined;
  const { address, needs } = join;
  return { ...known, fields: undefined, source: { kind: 'join', address, needs }, make: convert, join };
}

/** @returns undefined when one of them cannot be printed. */
function printedFields({ fields }: Selection): readonly PrintedField[] | undefined {
  const printed = fields.map((field) => field.printed);
  return printed.every((field) => field !== undefined) ? printed : undefined;
}

export function printerOf(selection: Selection): Printer | undefined {
  const fields = printedFields(selection);
  return fields && Printer.of(fields);
}

/** Notes whether the rows of a connection can be printed, wherever they are selected. */
export function planRows(printing: Printing, { fields }: Selection): void {
  const printers = fields.flatMap(({ printer }) => (printer === undefined ? [] : [printer]));
  if (printers.length > 0 && printers.every((printer) => printer !== null)) printing.ofRows = printers;
}

/** What prints the list that a resolver runs for; undefined where lists have to be read. */
export const listPrinter = (info: GraphQLResolveInfo): Printer | undefined =>
  info instanceof SharedInfo ? info.printing?.printer : undefined;

/** What prints the lists below the connection that a resolver runs for. */
export const rowPrinters = (info: GraphQLResolveInfo): readonly Printer[] | undefined =>
  info instanceof SharedInfo ? info.printing?.ofRows : undefined;
