import type { Kind, ListPage, ListRequest } from '../../loaders/lists.ts';
import type { Loaders } from '../../loaders/loaders.ts';
import type { Parent } from '../../loaders/siblings.ts';
import type { Rows } from '../../loaders/upstream.ts';
import { encodeCursor } from './cursor.ts';

/** A row that could not be read stands in its list as the error that says why; graphql-js nulls it and reports it at its place. */
export type Item<Row> = Row | Error;

/**
 * A list as a client sees it, fetched when a field of it is resolved and only as far as needed: asking for nothing but
 * `totalCount` costs a count, not rows.
 */
export class ListConnection<K extends Kind> {
  readonly #loaders: Loaders;
  readonly #request: ListRequest<K>;
  readonly #print: () => string;
  readonly #wantsRows: boolean;
  readonly #parent: Parent | undefined;

  /** @param parent the volume whose snapshots these are, where the list is a volume's. */
  constructor(loaders: Loaders, request: ListRequest<K>, print: () => string, wantsRows: boolean, parent?: Parent) {
    this.#loaders = loaders;
    this.#request = request;
    this.#print = print;
    this.#wantsRows = wantsRows;
    this.#parent = parent;
  }

  async totalCount(): Promise<number> {
    return this.#wantsRows ? (await this.#page()).total : this.#loaders.count(this.#request, this.#parent);
  }

  async nodes(): Promise<Item<Rows[K]>[]> {
    return (await this.#page()).rows;
  }

  async edges(): Promise<{ cursor: string; node: Item<Rows[K]> }[]> {
    const { rows, start } = await this.#page();
    const print = this.#print();
    return rows.map((node, i) => ({ cursor: encodeCursor(start + i, print), node }));
  }

  async pageInfo() {
    const { rows, start, total } = await this.#page();
    const end = start + rows.length;
    return {
      hasPreviousPage: start > 0 && total > 0,
      hasNextPage: end < total,
      startCursor: rows.length === 0 ? null : encodeCursor(start, this.#print()),
      endCursor: rows.length === 0 ? null : encodeCursor(end - 1, this.#print()),
    };
  }

  /** The loaders keep the promise, so that every field of the connection shares one fetch. */
  #page(): Promise<ListPage<Rows[K]>> {
    return this.#loaders.list(this.#request, this.#parent);
  }
}

export type SnapshotList = ListConnection<'snapshot'>;
export type VolumeList = ListConnection<'volume'>;
