/** Whether a text contains another, whatever the case, as the database folds it: character by character, umlauts included. */
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
