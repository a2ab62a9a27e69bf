/**
 * One walk through the whole list, page by page. Pages shift while rows come and go, so rows are keyed by uuid, and a row that
 * was not met has vanished only perhaps.
 */
export class Sweep {
  /** Order at which it began: it says nothing about an object that was shown since. */
  readonly begun: number;
  readonly fields: readonly string[];
  /** Of the wanted fields when all are asked; null when only the columns are. */
  readonly version: number | null;
  /** The second walk because suspiciously much was missing in the first. */
  readonly again: boolean;
  /** Time spent waiting for its answers. */
  spentMs = 0;
  /** Set: a walk at leisure, whose next page is not fetched before this time. */
  notBefore: number | null = null;
  #page = 1;
  readonly #met = new Set<string>();

  constructor(plan: Pick<Sweep, 'begun' | 'fields' | 'version' | 'again'>) {
    this.begun = plan.begun;
    this.fields = plan.fields;
    this.version = plan.version;
    this.again = plan.again;
  }

  /** The page to fetch next, from 1. */
  get page(): number {
    return this.#page;
  }

  met(uuid: string): void {
    this.#met.add(uuid);
  }

  hasMet(uuid: string): boolean {
    return this.#met.has(uuid);
  }

  /**
   * Turns the page.
   * @param rows in the page just read, null when it does not exist.
   * @param total rows in the list, as that page said.
   * @returns false when that was the last one.
   */
  turn(rows: number | null, total: number, pageSize: number): boolean {
    if (rows === null || rows === 0 || this.#page * pageSize >= total) return false;
    this.#page += 1;
    return true;
  }
}
