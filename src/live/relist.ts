import { mayGoOn } from '../waldur/paging.ts';
import type { RelistPage } from './types.ts';

/**
 * One pass over the whole list, page by page. Pages shift while rows come and go, so rows are keyed by uuid, and a row that was not
 * met may still exist.
 */
export class Relist {
  /** Logical time of its start: it says nothing about objects shown since. */
  readonly begun: number;
  readonly fields: readonly string[];
  /** Version of the field union; null when only columns are requested. */
  readonly version: number | null;
  /** The second pass, because suspiciously many rows were missing in the first. */
  readonly again: boolean;
  /** Time spent waiting for responses. */
  spentMs = 0;
  /** When set, the next page is not fetched before this time. */
  notBefore: number | null = null;
  #page = 1;
  /** Rows met before the page that was read last. */
  #metBefore = 0;
  readonly #met = new Set<string>();

  constructor(plan: Pick<Relist, 'begun' | 'fields' | 'version' | 'again'>) {
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
   * @param answer the page just read, whose rows have been met; null when it does not exist.
   * @returns false when that was the last one. So is a page that shows nothing new: an upstream that gives the same page for every number would
   * be read without end.
   */
  turn(answer: RelistPage | null, pageSize: number): boolean {
    if (answer === null || this.#met.size === this.#metBefore) return false;
    const { rows, total, listed = rows.length } = answer;
    if (!mayGoOn(listed, total, { page: this.#page, pageSize })) return false;
    this.#metBefore = this.#met.size;
    this.#page += 1;
    return true;
  }
}
