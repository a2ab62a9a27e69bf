/** Whether a string contains another, ignoring case as the database does: character by character, including umlauts. */
export function compilePattern(part: string): (text: string) => boolean {
  const wanted = part.toUpperCase();
  return (text) => text.toUpperCase().includes(wanted);
}

/** Order by code point: the recorded database has collation C. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
