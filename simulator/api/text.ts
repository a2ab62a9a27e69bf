/** Whether a string contains another, ignoring case as the database does: character by character, including umlauts. */
export function compilePattern(part: string): (text: string) => boolean {
  const wanted = part.toUpperCase();
  return (text) => text.toUpperCase().includes(wanted);
}

/** Order by code point: the recorded database has collation C. Lists are sorted by it, so it makes no arrays of characters. */
export function compareText(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    // Within a surrogate pair the two cannot differ first: the code point at its beginning would differ, too.
    const difference = (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** White space to Python, not to JavaScript; the byte order mark is the other way round. */
const PYTHON_ONLY = new Set(['\u001c', '\u001d', '\u001e', '\u001f', '\u0085']);
const isSpace = (character: string | undefined): boolean =>
  character !== undefined && character !== '\ufeff' && (PYTHON_ONLY.has(character) || /\s/.test(character));

/** Python's `str.strip()`, by which values of fields and filters are trimmed. */
export function strip(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text[from])) from++;
  while (to > from && isSpace(text[to - 1])) to--;
  return text.slice(from, to);
}
