/** Columns of a REST row, by REST name. The columns of a null relation may be absent (contract 4.2). */
export type Columns = Readonly<Record<string, unknown>>;

/** Whether two JSON values are equal. The order of keys does not matter; an absent key differs from null. */
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

/** True when one of the given fields differs between two rows. Other columns are ignored. */
export function differs(before: Columns, after: Columns, fields: Iterable<string>): boolean {
  for (const field of fields) {
    if (!sameJson(before[field], after[field])) return true;
  }
  return false;
}

/**
 * True when `after` is an older `modified` than `before`. The strings are compared without `Z`, because Waldur omits a fraction of
 * zero (contract 4.1): as strings, `07Z` is greater than `07.4Z`. Values that are not strings count as not older.
 */
export function isOlder(after: unknown, before: unknown): boolean {
  if (typeof after !== 'string' || typeof before !== 'string') return false;
  return after.replace(/Z$/, '') < before.replace(/Z$/, '');
}
