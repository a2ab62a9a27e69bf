/** Columns of a REST row as they came, by REST name. A relation that is null may leave its columns out (contract 4.2). */
export type Columns = Readonly<Record<string, unknown>>;

/** Two JSON values are the same: key order does not count, an absent key is not null. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, at) => sameJson(item, b[at]))
    );
  }
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameJson(value, right.get(key)));
}

/** True when one of the fields differs between two rows; other columns are not looked at. */
export function differs(before: Columns, after: Columns, fields: Iterable<string>): boolean {
  for (const field of fields) {
    if (!sameJson(before[field], after[field])) return true;
  }
  return false;
}

/**
 * True when `after` is an older `modified` than `before`. Waldur drops the fraction when it is zero (contract 4.1), so the `Z` is
 * left out of the comparison: as text, `07Z` would be later than `07.4Z`. Anything that is not text counts as not older.
 */
export function isOlder(after: unknown, before: unknown): boolean {
  if (typeof after !== 'string' || typeof before !== 'string') return false;
  return after.replace(/Z$/, '') < before.replace(/Z$/, '');
}
