import type { TextPage } from '../waldur/reads.ts';

/** Picks rows out of a page, once however often the page is looked at: before it is kept, and by each who waited for it. */
export class Picking {
  readonly #uuids: ReadonlySet<string>;
  #text: string | undefined;
  #rows: unknown[] | undefined;

  constructor(uuids: ReadonlySet<string>) {
    this.#uuids = uuids;
  }

  /** As `TextPage.pick`. */
  from(page: TextPage<unknown>): unknown[] | undefined {
    if (this.#text !== page.text) {
      this.#rows = page.pick(this.#uuids);
      this.#text = page.text;
    }
    return this.#rows;
  }
}
