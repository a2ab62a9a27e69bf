import type { Kind, ListPage, ListRequest, Rows } from '../../loading/list-request.ts';
import type { Loaders } from '../../loading/loaders.ts';
import type { ParentVolume } from '../../loading/volume-snapshots.ts';
import { encodeCursor } from './arguments.ts';

/** An Error stands in for a row that could not be read. Execution replaces it with null and reports the error at its path. */
export type Item<Row> = Row | Error;

export interface ConnectionOptions<K extends Kind> {
  readonly loaders: Loaders;
  readonly request: ListRequest<K>;
  /** Fingerprint of the list, for its cursors. */
  readonly fingerprint: () => string;
  /** Whether a selected field needs rows. */
  readonly needsRows: boolean;
  /** The volume whose snapshots these are, if the list is a volume's. */
  readonly parent: ParentVolume | undefined;
}

/**
 * The source of a GraphQL connection. It fetches what the resolved fields need and no more: `totalCount` alone costs a count, not
 * rows.
 */
export class ListConnection<K extends Kind> {
  readonly #options: ConnectionOptions<K>;
  #fetched: Promise<ListPage<Rows[K]>> | undefined;
  #fingerprint: string | undefined;

  constructor(options: ConnectionOptions<K>) {
    this.#options = options;
  }

  async totalCount(): Promise<number> {
    const { loaders, request, parent, needsRows } = this.#options;
    if (!needsRows) return loaders.count(request, parent);
    const { total } = await this.#page();
    if (total instanceof Error) throw total;
    return total;
  }

  async nodes(): Promise<readonly Item<Rows[K]>[]> {
    return (await this.#page()).rows;
  }

  async edges(): Promise<{ cursor: string; node: Item<Rows[K]> }[]> {
    const { start, rows } = await this.#page();
    return rows.map((node, i) => ({ cursor: this.#cursor(start + i), node }));
  }

  async pageInfo() {
    const { start, total, rows } = await this.#page();
    const end = start + rows.length;
    return {
      hasPreviousPage: start > 0 && total !== 0,
      // Without a valid total, only a window that is not full is known to be the last one.
      hasNextPage: total instanceof Error ? rows.length >= this.#options.request.window.count : end < total,
      startCursor: rows.length === 0 ? null : this.#cursor(start),
      endCursor: rows.length === 0 ? null : this.#cursor(end - 1),
    };
  }

  #cursor(position: number): string {
    this.#fingerprint ??= this.#options.fingerprint();
    return encodeCursor(position, this.#fingerprint);
  }

  /** All fields of the connection share one fetch. */
  #page(): Promise<ListPage<Rows[K]>> {
    const { loaders, request, parent } = this.#options;
    this.#fetched ??= loaders.list(request, parent);
    return this.#fetched;
  }
}

export type SnapshotList = ListConnection<'snapshot'>;
export type VolumeList = ListConnection<'volume'>;
export type ProjectList = ListConnection<'project'>;
export type CustomerList = ListConnection<'customer'>;
export type TenantList = ListConnection<'tenant'>;
export type InstanceList = ListConnection<'instance'>;
