import type { Kind, ListPage, ListRequest } from '../../loading/lists.ts';
import type { Loaders } from '../../loading/loaders.ts';
import type { Rows } from '../../loading/request-options.ts';
import type { Parent } from '../../loading/siblings.ts';
import { encodeCursor } from './cursor.ts';

/** A row that could not be read stands in its list as the error that says why; execution nulls it and reports it at its place. */
export type Item<Row> = Row | Error;

export interface ConnectionOptions<K extends Kind> {
  readonly loaders: Loaders;
  readonly request: ListRequest<K>;
  /** Fingerprint of the list, for its cursors. */
  readonly print: () => string;
  /** Whether anything is selected that needs rows. */
  readonly wantsRows: boolean;
  /** The volume whose snapshots these are, where the list is a volume's. */
  readonly parent: Parent | undefined;
  /** Called before rows are returned, so that fields of rows need not be waited for one by one. Never rejects. */
  readonly prepare: (() => Promise<unknown>) | undefined;
}

/**
 * A list as a client sees it, fetched when a field of it is resolved and only as far as needed: asking for nothing but
 * `totalCount` costs a count, not rows.
 */
export class ListConnection<K extends Kind> {
  readonly #options: ConnectionOptions<K>;
  #fetched: Promise<ListPage<Rows[K]>> | undefined;

  constructor(options: ConnectionOptions<K>) {
    this.#options = options;
  }

  async totalCount(): Promise<number> {
    const { loaders, request, parent, wantsRows } = this.#options;
    if (!wantsRows) return loaders.count(request, parent);
    const { total } = await this.#page();
    if (total instanceof Error) throw total;
    return total;
  }

  async nodes(): Promise<readonly Item<Rows[K]>[]> {
    return (await this.#prepared()).rows;
  }

  async edges(): Promise<{ cursor: string; node: Item<Rows[K]> }[]> {
    const { start, rows } = await this.#prepared();
    return rows.map((node, i) => ({ cursor: this.#cursor(start + i), node }));
  }

  async pageInfo() {
    const { start, total, rows } = await this.#page();
    const end = start + rows.length;
    return {
      hasPreviousPage: start > 0 && total !== 0,
      // Without a total that can be true only a window that is not full is known to be the last.
      hasNextPage: total instanceof Error ? rows.length >= this.#options.request.window.count : end < total,
      startCursor: rows.length === 0 ? null : this.#cursor(start),
      endCursor: rows.length === 0 ? null : this.#cursor(end - 1),
    };
  }

  #cursor(position: number): string {
    return encodeCursor(position, this.#options.print());
  }

  async #prepared(): Promise<ListPage<Rows[K]>> {
    const page = await this.#page();
    if (page.rows.length > 0) await this.#options.prepare?.();
    return page;
  }

  /** Every field of the connection shares one fetch. */
  #page(): Promise<ListPage<Rows[K]>> {
    const { loaders, request, parent } = this.#options;
    this.#fetched ??= loaders.list(request, parent);
    return this.#fetched;
  }
}

export type SnapshotList = ListConnection<'snapshot'>;
export type VolumeList = ListConnection<'volume'>;
