/** Memory that one peer makes the gateway hold. */
export interface Share {
  /** @param bytes held from now on. @param moved whether the peer was active: took or sent something. */
  set(bytes: number, moved: boolean): void;
  release(): void;
}

interface Entry {
  readonly end: () => void;
  bytes: number;
  /** When the peer was last active; monotonic, in ms. */
  since: number;
}

export interface MemoryBudgetOptions {
  /** Bytes that all peers together may have held for them. */
  readonly mostBytes: number;
  /** A peer that was active within this time is not ended, in ms. */
  readonly graceMs: number;
}

/**
 * A common bound on the memory that is held for slow peers. A bound for each peer alone is not enough: there may be thousands. Past
 * the common bound the peers that have been inactive longest are ended, one after another, until the rest fits.
 */
export class MemoryBudget {
  readonly #options: MemoryBudgetOptions;
  /** The one that has been inactive longest comes first. */
  readonly #entries = new Set<Entry>();
  #total = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MemoryBudgetOptions) {
    this.#options = options;
  }

  /** Bytes held now, for all peers. */
  get total(): number {
    return this.#total;
  }

  /** @param end is called at most once, after which nothing is held for this peer. */
  hold(bytes: number, end: () => void): Share {
    const entry: Entry = { end, bytes, since: performance.now() };
    this.#entries.add(entry);
    this.#total += bytes;
    this.#relieve();
    return {
      set: (held, moved) => {
        if (!this.#entries.has(entry)) return;
        this.#total += held - entry.bytes;
        entry.bytes = held;
        if (moved) {
          entry.since = performance.now();
          // Behind those that have been inactive longer.
          this.#entries.delete(entry);
          this.#entries.add(entry);
        }
        this.#relieve();
      },
      release: () => this.#drop(entry),
    };
  }

  #drop(entry: Entry): void {
    if (this.#entries.delete(entry)) this.#total -= entry.bytes;
  }

  #relieve(): void {
    const { mostBytes, graceMs } = this.#options;
    if (this.#total <= mostBytes) return;
    const now = performance.now();
    for (const entry of this.#entries) {
      const waits = entry.since + graceMs - now;
      if (waits > 0) {
        this.#lookAgain(waits);
        return;
      }
      this.#drop(entry);
      entry.end();
      if (this.#total <= mostBytes) return;
    }
  }

  #lookAgain(inMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#relieve();
    }, inMs).unref();
  }
}
