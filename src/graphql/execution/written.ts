import type { Straight } from './straight.ts';

/** Extensions of a field that is a column of its source. */
export interface Column {
  readonly name: string;
  /** True for values of the column that the field's resolver gives back as they are. */
  readonly isAsIs: (value: unknown) => boolean;
}

/** What code is written from: one field of an object of the answer. */
export interface WrittenField {
  readonly straight: Straight;
  readonly column?: Column | undefined;
  /**
   * What stands in the answer for a value of the field, of the type that it should have: the value itself, or its name in an enum.
   * undefined: more than code is written for.
   */
  readonly leaf?: Leaf | undefined;
}

export type Leaf = 'as is' | ReadonlyMap<unknown, string>;

/**
 * Writes the fields of an object out as the source of one function, and makes it. A loop over closures serves objects of every
 * selection and type at once, so the engine can learn nothing about any of them; a function that reads columns by their names
 * and ends in an object literal is learnt in a few hundred rows.
 *
 * Only columns and keys get into the source, as JSON: keys are GraphQL names, columns come from our own tables. A value that is not
 * what nearly all are goes the field's straight way, which knows what to make of it.
 * @param fields by their keys in the answer.
 */
export function writtenOut(fields: ReadonlyMap<string, WrittenField>): Straight {
  const given = new Map<string, unknown>();
  const entries = [...fields].map(([key, { straight, column, leaf }], i) => {
    given.set(`straight${i}`, straight);
    const usual = `straight${i}(row)`;
    // That one would set the prototype; the others, computed, would not be learnt.
    const name = key === '__proto__' ? `['__proto__']` : JSON.stringify(key);
    if (column === undefined || leaf === undefined) return `${name}: ${usual}`;
    given.set(`isAsIs${i}`, column.isAsIs);
    const read = `isAsIs${i}(value = row[${JSON.stringify(column.name)}])`;
    if (leaf === 'as is') return `${name}: ${read} ? value : ${usual}`;
    given.set(`names${i}`, leaf);
    return `${name}: ${read} ? names${i}.get(value) ?? ${usual} : ${usual}`;
  });
  const source = `return (row) => {\n  let value;\n  return {\n    ${entries.join(',\n    ')},\n  };\n};`;
  return new Function(...given.keys(), source)(...given.values()) as Straight;
}
