/** Characters that are white space in Python and not in JavaScript. For the byte order mark it is the other way round. */
const PYTHON_ONLY: ReadonlySet<string> = new Set(['\u001c', '\u001d', '\u001e', '\u001f', '\u0085']);
const BYTE_ORDER_MARK = '\ufeff';

const isSpace = (character: string): boolean =>
  character !== BYTE_ORDER_MARK && (character.trim() === '' || PYTHON_ONLY.has(character));

/**
 * A string without the white space around it, as Waldur stores it and compares it in filters. Waldur uses Python's `str.strip()`, which differs
 * from `trim()`: an object that is looked for by a name trimmed otherwise is not found.
 */
export function strip(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text.charAt(from))) from++;
  while (to > from && isSpace(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}
