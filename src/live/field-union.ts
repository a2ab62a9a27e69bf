/** Fields that the engine itself reads; always requested. The list is in the order of `created`. */
const OWN_FIELDS = ['uuid', 'state', 'created', 'modified'];

/** Fields, each with the sequence since which it has been requested. */
export type FieldTable = readonly (readonly [field: string, sequence: number])[];

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

  /** @param nextSequence gives a new sequence when the union grows. */
  select(fields: ReadonlySet<string>, nextSequence: () => number): void {
    const added = [...fields].filter((field) => !this.#uses.has(field));
    if (added.length > 0) {
      this.#version += 1;
      const fresh = { selecting: 0, leftAt: 0, version: this.#version, sequence: nextSequence() };
      for (const field of added) this.#uses.set(field, { ...fresh });
      this.#recount();
    }
    for (const field of fields) {
      const use = this.#uses.get(field);
      if (use) use.selecting += 1;
    }
  }

  /** The version at which rows hold all the fields. */
  versionOf(fields: ReadonlySet<string>): number {
    let version = 1;
    for (const field of fields) version = Math.max(version, this.#uses.get(field)?.version ?? 1);
    return version;
  }

  release(fields: ReadonlySet<string>, now: number): void {
    for (const field of fields) {
      const use = this.#uses.get(field);
      if (!use) continue;
      use.selecting -= 1;
      use.leftAt = now;
    }
  }

  /** The fields that rows of this version hold, each with the sequence since which it has been requested. */
  table(version: number): FieldTable {
    return [...this.#uses].flatMap(([field, use]) => (use.version <= version ? [[field, use.sequence] as const] : []));
  }

  /**
   * Takes over what another replica requests.
   * @returns the version of the rows that the other replica holds, and whether the requests for a known field had been interrupted.
   */
  adopt(table: FieldTable, now: number): { readonly version: number; readonly interrupted: boolean } {
    const shared = new Map(table);
    let interrupted = false;
    for (const [field, use] of this.#uses) {
      if (shared.has(field)) continue;
      if (use.selecting === 0) {
        this.#uses.delete(field);
        continue;
      }
      // Rows lack it until the other replica requests it.
      interrupted ||= Number.isFinite(use.sequence);
      this.#uses.set(field, { ...use, version: ++this.#version, sequence: Number.POSITIVE_INFINITY });
    }
    for (const [field, sequence] of table) {
      const { selecting = 0, leftAt = now, sequence: before = sequence } = this.#uses.get(field) ?? {};
      interrupted ||= before < sequence;
      this.#uses.set(field, { selecting, leftAt, version: 1, sequence });
    }
    this.#recount();
    const missing = [...this.#uses.values()].filter(({ version }) => version > 1);
    return { version: Math.min(this.#version, ...missing.map(({ version }) => version - 1)), interrupted };
  }

  /** Fields that another replica was to request and does not are requested here. @param nextSequence gives a new sequence. */
  requestMissing(nextSequence: () => number): void {
    const missing = [...this.#uses].filter(([, { sequence }]) => !Number.isFinite(sequence));
    if (missing.length === 0) return;
    const sequence = nextSequence();
    for (const [field, use] of missing) this.#uses.set(field, { ...use, sequence });
  }

  /** Whether a field is selected that another replica does not request yet. */
  get isIncomplete(): boolean {
    return [...this.#uses.values()].some(({ sequence }) => !Number.isFinite(sequence));
  }

  /** Fields that somebody selects. */
  get selected(): readonly string[] {
    return [...this.#uses].flatMap(([field, { selecting }]) => (selecting > 0 ? [field] : []));
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
