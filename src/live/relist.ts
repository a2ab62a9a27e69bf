import { mayGoOn } from '../waldur/paging.ts';
import type { LiveRow, RelistPage } from './types.ts';

/** Less and greater than every date. */
const BEFORE_ALL = '';
const AFTER_ALL = '\uffff';

/** Exclusive limits of `createdOf`. */
export interface CreatedSpan {
  readonly after: string;
  readonly before: string;
}

/**
 * When an object was created, as a string that sorts by time; null when the response does not say. It has no `Z`, because Waldur omits a
 * fraction of zero (contract 4.1): as strings, `07Z` is greater than `07.4Z`.
 */
export function createdOf({ fields }: LiveRow): string | null {
  const { created } = fields;
  return typeof created === 'string' ? created.replace(/Z$/, '') : null;
}

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
  /** The pages are read one right after the other, not in turn. */
  readonly atOnce: boolean;
  /** The second pass, because suspiciously many rows were missing in the first. */
  readonly again: boolean;
  /** Time spent waiting for responses. */
  spentMs = 0;
  #page = 1;
  /** Creation of the last row of the page before; null when it is unknown. */
  #listedUntil: string | null = BEFORE_ALL;
  /** Rows met before the page that was read last. */
  #metBefore = 0;
  readonly #met = new Set<string>();

  constructor(plan: Pick<Relist, 'begun' | 'fields' | 'version' | 'atOnce' | 'again'>) {
    this.begun = plan.begun;
    this.fields = plan.fields;
    this.version = plan.version;
    this.atOnce = plan.atOnce;
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

  /**
   * The span of `created` that a page covers, because the list is in that order: an object of the span that is not on the page is missing. To
   * be called once for each page.
   * @param more whether another page follows.
   * @returns null when the rows are not in order or have no dates.
   */
  covered(rows: readonly LiveRow[], more: boolean): CreatedSpan | null {
    const after = this.#listedUntil;
    const last = rows.length === 0 ? after : lastCreated(rows);
    this.#listedUntil = last;
    return after === null || last === null ? null : { after, before: more ? last : AFTER_ALL };
  }
}

/** Creation of the last row; null when the rows are not in this order. */
function lastCreated(rows: readonly LiveRow[]): string | null {
  let last = BEFORE_ALL;
  for (const row of rows) {
    const created = createdOf(row);
    if (created === null || created < last) return null;
    last = created;
  }
  return last;
}
