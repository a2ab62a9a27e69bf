import type { Layout } from './layout.ts';
import { below, nameIn, type Renamed } from './names.ts';
import type { PrintedField } from './source.ts';

/** Fields that stand one behind the other. */
interface Group {
  readonly fields: readonly PrintedField[];
  /** Where these runs of the layout hold the same as in the row before, so do the fields; undefined for fields of which that is not known. */
  readonly runs: readonly number[] | undefined;
}

/** Puts fields together that are made of the same runs. */
export function groupsIn(
  fields: readonly PrintedField[],
  renamed: Renamed | undefined,
  layout: Layout,
): readonly Group[] {
  const groups: { readonly fields: PrintedField[]; readonly runs: readonly number[] | undefined }[] = [];
  for (const field of fields) {
    const runs = runsOf(field, renamed, layout);
    const last = groups.at(-1);
    if (last !== undefined && last.runs?.join() === runs?.join()) last.fields.push(field);
    else groups.push({ fields: [field], runs });
  }
  return groups;
}

/** @returns undefined where a field is made of something else. */
function runsOf(field: PrintedField, renamed: Renamed | undefined, { runs }: Layout): number[] | undefined {
  const columns = columnsOf(field, renamed);
  const found = columns?.map((column) => runs.findIndex(({ keys }) => keys.some(({ name }) => name === column)));
  // A column that is not there is there in no row of this layout.
  const there = found?.filter((run) => run >= 0);
  return there?.every((run) => runs[run]?.repeats) ? [...new Set(there)].sort((one, other) => one - other) : undefined;
}

/** Columns that a field is made of; undefined when it is made of other things, too. */
function columnsOf(field: PrintedField, renamed: Renamed | undefined): readonly string[] | undefined {
  const { source } = field;
  switch (source.kind) {
    case 'constant':
      return [];
    case 'column':
      return [columnOf(source.column, renamed)];
    case 'id':
      return source.below ? undefined : [columnOf(source.column, renamed)];
    case 'made':
      return source.forCaller ? undefined : source.needs.map((name) => columnOf(name, renamed));
    case 'object':
      return withBelow(
        source.unlessNull.map((name) => columnOf(name, renamed)),
        field,
        renamed,
      );
    case 'reference':
      return withBelow([source.address], field, source);
    case 'cursor':
    case 'join':
    case 'rows':
      return undefined;
  }
}

function withBelow(
  own: readonly string[],
  field: PrintedField,
  renamed: Renamed | undefined,
): readonly string[] | undefined {
  const all = [...own];
  for (const one of below(field)) {
    const columns = columnsOf(one, renamed);
    if (columns === undefined) return undefined;
    all.push(...columns);
  }
  return all;
}

/** The uuid of another resource stands in its address. */
const columnOf = (name: string, renamed: Renamed | undefined): string =>
  renamed !== undefined && name === 'uuid' ? renamed.address : nameIn(renamed, name);
