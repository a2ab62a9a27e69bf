import type { Result } from '../../../clients/live/src/index.ts';

/** How a document names what it selects. */
export interface Names {
  readonly root: string;
  readonly kind: string;
  readonly uuid: string;
  readonly state: string;
}

export const PLAIN: Names = { root: 'snapshotChanges', kind: 'kind', uuid: 'uuid', state: 'state' };

/** A simple client: it applies each event to a table, and notes each event that does not fit. */
export class Table {
  readonly rows = new Map<string, string>();
  readonly wrong: string[] = [];
  readonly kinds: string[] = [];
  /** Keys of the events that arrived. */
  readonly keys = new Set<string>();
  end: { readonly problem?: unknown } | undefined;
  readonly #names: Names;

  constructor(names: Names = PLAIN) {
    this.#names = names;
  }

  readonly sink = {
    next: ({ data, errors }: Result): void => {
      const event = data?.[this.#names.root];
      if (errors !== undefined) this.wrong.push(JSON.stringify(errors));
      if (typeof event === 'object' && event !== null) this.#apply({ ...event });
    },
    error: (problem: unknown): void => {
      this.end ??= { problem };
    },
    complete: (): void => {
      this.end ??= {};
    },
  };

  #apply(event: Record<string, unknown>): void {
    for (const key of Object.keys(event)) this.keys.add(key);
    const kind = String(event[this.#names.kind]);
    const uuid = String(event[this.#names.uuid]);
    this.kinds.push(kind);
    if (kind === 'RESET') this.rows.clear();
    else if (kind === 'REMOVED') {
      if (!this.rows.delete(uuid)) this.wrong.push(`REMOVED of an unknown object ${uuid}`);
    } else if (kind !== 'BOOKMARK' && kind !== 'STALE') {
      const isNew = kind === 'INITIAL' || kind === 'ADDED';
      if (isNew === this.rows.has(uuid))
        this.wrong.push(`${kind} of ${isNew ? 'a known' : 'an unknown'} object ${uuid}`);
      this.rows.set(uuid, String(event[this.#names.state]));
    }
  }
}
