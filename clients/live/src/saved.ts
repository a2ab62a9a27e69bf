/** Tables that outlive the page. */

/** The part of `localStorage` that is used. */
export interface TableStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface SavedTable {
  readonly cursor: string;
  readonly total: number | undefined;
  /** Ids and rows, in their order. */
  readonly rows: readonly (readonly [string, unknown])[];
}

/** Where one table is kept. Rows and cursor are one value of the storage, so they always belong together. */
export class SavedPlace {
  readonly #storage: TableStorage;
  readonly #key: string;
  readonly #contents: string;
  readonly #onError: (error: unknown) => void;

  /**
   * @param contents the document and its variables. A table of others is not read.
   * @param onError called when the storage fails: it may be full, or forbidden. The table works without it.
   */
  constructor(storage: TableStorage, key: string, contents: string, onError: (error: unknown) => void) {
    this.#storage = storage;
    this.#key = key;
    this.#contents = contents;
    this.#onError = onError;
  }

  read(): SavedTable | undefined {
    const text = this.#try(() => this.#storage.getItem(this.#key));
    const value: unknown = text ? this.#try(() => JSON.parse(text)) : undefined;
    if (typeof value !== 'object' || value === null) return undefined;
    const { contents, cursor, total, rows } = value as Readonly<Record<string, unknown>>;
    if (contents !== this.#contents || typeof cursor !== 'string' || !Array.isArray(rows)) return undefined;
    return { cursor, total: typeof total === 'number' ? total : undefined, rows };
  }

  write(table: SavedTable): void {
    this.#try(() => this.#storage.setItem(this.#key, JSON.stringify({ contents: this.#contents, ...table })));
  }

  drop(): void {
    this.#try(() => this.#storage.removeItem(this.#key));
  }

  #try<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      this.#onError(error);
      return undefined;
    }
  }
}
