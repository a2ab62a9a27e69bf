/** After so many misleading hints in a row the pause between two no longer grows. */
const MOST_DOUBLINGS = 5;

/**
 * Compares the number of objects that responses state (`X-Result-Count`) with the number held. A difference means that something came or
 * went, so the pages of the relist are read in quick succession until the numbers agree.
 *
 * It is a hint only. Without a count nothing changes. A count may include rows that the engine cannot read, or mean nothing: after two
 * relists a remaining difference counts as normal, and hints that led to no change are ignored for longer and longer.
 */
export class CountHint {
  readonly #pauseMs: number;
  #stated: number | null = null;
  /** A new count has arrived since the last comparison. */
  #isNew = false;
  /** The normal difference between the number stated and the number held. */
  #surplus = 0;
  #isUrgent = false;
  /** Pages that may still be read before their turn. */
  #pagesLeft = 0;
  #heldBefore = 0;
  #misleading = 0;
  #ignoredUntil = Number.NEGATIVE_INFINITY;

  /** @param pauseMs how long hints are ignored after the second misleading one. */
  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  /** A response stated the number of objects. */
  note(stated: number | undefined): void {
    if (stated === undefined) return;
    this.#stated = stated;
    this.#isNew = true;
  }

  /**
   * Whether pages are to be read before their turn. To be called only when nothing is left to recheck: an object that a page has shown may not be
   * held before that.
   */
  isUrgent(held: number, pages: number, now: number): boolean {
    if (this.#stated === null) return false;
    const differs = this.#stated - held !== this.#surplus;
    if (!this.#isUrgent && this.#isNew && differs && now >= this.#ignoredUntil) {
      this.#isUrgent = true;
      // Twice the list: where objects have no date, one that went after its page was read is missed only in the next relist.
      this.#pagesLeft = 2 * pages;
      this.#heldBefore = held;
    } else if (this.#isUrgent && (!differs || this.#pagesLeft <= 0)) {
      this.#surplus = this.#stated - held;
      this.#stop(held, now);
    }
    this.#isNew = false;
    return this.#isUrgent;
  }

  /** How many more objects are stated than the engine holds; 0 when no number was stated, or the difference is the normal one. */
  difference(held: number): number {
    return this.#stated === null ? 0 : this.#stated - held - this.#surplus;
  }

  /** A page was read. */
  pageRead(): void {
    this.#pagesLeft -= 1;
  }

  #stop(held: number, now: number): void {
    this.#isUrgent = false;
    this.#misleading = held === this.#heldBefore ? this.#misleading + 1 : 0;
    // The first one may be a coincidence: a response that was overtaken by a change of our own.
    if (this.#misleading < 2) return;
    this.#ignoredUntil = now + this.#pauseMs * 2 ** Math.min(this.#misleading - 2, MOST_DOUBLINGS);
  }
}
