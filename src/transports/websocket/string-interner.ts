/** Texts remembered, and how long one may be to be remembered: a few documents are nearly all that clients send. */
const MOST = 200;
const LONGEST = 10_000;

/** One string for equal texts, so that thousands who hold one hold the same. */
export class StringInterner {
  readonly #known = new Map<string, string>();

  same(text: string): string {
    if (text.length > LONGEST) return text;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    // Whoever holds a forgotten one keeps it; the next one is only another copy.
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(text, text);
    return text;
  }
}
