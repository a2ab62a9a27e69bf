/** Fields that the engine itself reads; always requested. The list is in the order of `created`. */
const OWN_FIELDS = ['uuid', 'state', 'created', 'modified'];

interface Use {
  selecting: number;
  /** When its last subscriber left; it is requested for `keepMs` longer. */
  leftAt: number;
  /** Version and sequence at which it was added. */
  readonly version: number;
  readonly sequence: number;
}

/**
 * The REST fields that an informer requests: the union of what its subscribers select. A field stays for as long as a departed
 * subscriber could resume, because an unobserved change would be a silent gap.
 *
 * `version` grows with each added field: rows observed at an older version lack it.
 */
export class FieldUnion {
  readonly #isColumn: (field: string) => boolean;
  readonly #keepMs: number;
  readonly #uses = new Map<string, Use>();
  #version = 1;
  #columns: readonly string[] = OWN_FIELDS;
  #all: readonly string[] = OWN_FIELDS;

  /**
   * @param isColumn true for a column of the object itself, which costs the upstream nothing; others are relation fields.
   * @param keepMs how long a field is kept after its last subscriber left.
   */
  constructor(isColumn: (field: string) => boolean, keepMs: number) {
    this.#isColumn = isColumn;
    this.#keepMs = keepMs;
  }

  get version(): number {
    return this.#version;
  }

  /** Columns without relation fields, which cost the upstream nothing. */
  get columns(): readonly string[] {
    return this.#columns;
  }

  /** Columns and relation fields. */
  get all(): readonly string[] {
    return this.#all;
  }

  get hasRelations(): boolean {
    return this.#all.length > this.#columns.length;
  }

  /**
   * @param nextSequence gives a new sequence when the union grows.
   * @returns the version at which rows hold all the fields.
   */
  select(fields: ReadonlySet<string>, nextSequence: () => number): number {
    const added = [...fields].filter((field) => !this.#uses.has(field));
    if (added.length > 0) {
      this.#version += 1;
      const fresh = { selecting: 0, leftAt: 0, version: this.#version, sequence: nextSequence() };
      for (const field of added) this.#uses.set(field, { ...fresh });
      this.#recount();
    }
    let needs = 1;
    for (const field of fields) {
      const use = this.#uses.get(field);
      if (!use) continue;
      use.selecting += 1;
      needs = Math.max(needs, use.version);
    }
    return needs;
  }

  release(fields: ReadonlySet<string>, now: number): void {
    for (const field of fields) {
      const use = this.#uses.get(field);
      if (!use) continue;
      use.selecting -= 1;
      use.leftAt = now;
    }
  }

  /** Drops fields that nobody has selected for `keepMs`. */
  prune(now: number): void {
    const before = this.#uses.size;
    for (const [field, use] of this.#uses) {
      if (use.selecting === 0 && now - use.leftAt > this.#keepMs) this.#uses.delete(field);
    }
    if (this.#uses.size < before) this.#recount();
  }

  /** True when a row observed at `version` holds the field, so that a difference is a change. */
  watchedAt(field: string, version: number): boolean {
    const use = this.#uses.get(field);
    return use !== undefined && use.version <= version;
  }

  /** True when all the fields have been requested since the sequence without a gap. */
  watchedSince(fields: ReadonlySet<string>, sequence: number): boolean {
    for (const field of fields) {
      const use = this.#uses.get(field);
      if (use === undefined || use.sequence > sequence) return false;
    }
    return true;
  }

  #recount(): void {
    const selected = [...this.#uses.keys()].filter((field) => !OWN_FIELDS.includes(field));
    this.#columns = [...OWN_FIELDS, ...selected.filter(this.#isColumn)];
    this.#all = [...OWN_FIELDS, ...selected];
  }
}
