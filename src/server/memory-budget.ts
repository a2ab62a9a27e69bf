/** Memory that one peer makes the gateway hold. */
export interface Share {
  /** @param bytes held from now on. @param moved whether the peer took something, so that it counts as waiting from now. */
  set(bytes: number, moved: boolean): void;
  release(): void;
}

interface Entry {
  readonly end: () => void;
  bytes: number;
  /** Monotonic, in ms: when the peer last did its part. */
  since: number;
}

export interface MemoryBudgetOptions {
  /** Bytes that all peers together may have held for them. */
  readonly mostBytes: number;
  /** No peer is ended that did its part within this time, in ms. */
  readonly graceMs: number;
}

/**
 * What is held in memory for peers that are slow, all of them together. A bound for each peer alone is none: there may be thousands. Past
 * the common bound the peers that have been still for longest are ended, one after another, until the rest fits.
 */
export class MemoryBudget {
  readonly #options: MemoryBudgetOptions;
  /** The one that has been still for longest comes first. */
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
          // Behind those that have been still for longer.
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
