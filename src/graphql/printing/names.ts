import { NotPrinted, type PrintedField } from './source.ts';

/** What things are called, and what is selected below them. */

/** Another resource that a row tells of: its columns by the names that they have there. */
export interface Renamed {
  readonly address: string;
  readonly columns: Readonly<Record<string, string>>;
}

/** @throws NotPrinted for a column that is not known of the resource. */
export function nameIn(renamed: Renamed | undefined, name: string): string {
  if (renamed === undefined) return name;
  const column = Object.hasOwn(renamed.columns, name) ? renamed.columns[name] : undefined;
  if (column === undefined) throw new NotPrinted(`${name} is not known here`);
  return column;
}

/** What is selected below a field. @throws NotPrinted when it is no object's. */
export function below({ fields }: PrintedField): readonly PrintedField[] {
  if (fields === undefined) throw new NotPrinted('an object without fields');
  return fields;
}
