/** A finished poll, as far as its duration says something about the load of the upstream. */
export interface PollSample {
  /** Polls of the same kind of work take about the same time. */
  readonly work: string;
  readonly begunAt: number;
  readonly ms: number;
}

interface Work {
  /** Usual duration in ms. */
  usual: number;
  count: number;
  at: number;
}

/** Polls in flight at the start; more only after the first durations are known. */
const FIRST = 2;
/** A poll is late when it takes longer than its usual duration by this factor and this many ms. */
const LATE_FACTOR = 1.1;
const LATE_MS = 20;
/** A failed poll that took so long, in ms, is a timeout. */
const TIMEOUT_MS = 5_000;
/** Durations of which the usual one is the mean, before it is adjusted slowly. */
const FIRST_DURATIONS = 5;
/** Share by which the usual duration falls with a shorter one. */
const FALL = 1 / 8;
/** Time in ms in which the usual duration rises to a new one. */
const RISE_MS = 300_000;
/** Kinds of work that are remembered. */
const MAX_WORKS = 500;
/** Samples for a decision: with fewer, chance would decide. */
const SAMPLES = 16;
/** Pause before an increase by one, in ms. */
const GROW_MS = 10_000;

/**
 * Limits the polls in flight by additive increase and multiplicative decrease, as TCP does with packets. The signal is the duration of
 * polls, compared with the usual duration of the same work: when the upstream has more requests than workers, all of them get slower.
 * The limit doubles until the first congestion. Each congestion halves it, and after that it grows by one at a time.
 */
export class PollLimit {
  readonly #now: () => number;
  readonly #most: number;
  readonly #works = new Map<string, Work>();
  #limit: number;
  #changedAt: number;
  #growAt = Number.NEGATIVE_INFINITY;
  #hadCongestion = false;
  /** The polls since the last decision. */
  #samples: { readonly isLate: boolean; readonly ms: number; readonly usual: number }[] = [];
  #wasWanted = false;
  #latencyMs = 0;
  #usualMs = 0;

  /** @param most polls in flight, the share of the upstream that polls may take. */
  constructor(now: () => number, most: number) {
    this.#now = now;
    this.#most = Math.max(1, most);
    this.#limit = Math.min(FIRST, this.#most);
    this.#changedAt = now();
  }

  /**
   * Polls that may be in flight. Below its maximum the limit is what the upstream was found to bear, so queries count in it. One poll may
   * always run.
   * @param queries calls of queries and mutations that are in flight or wait.
   */
  allowed(queries: number): number {
    return this.#limit === this.#most ? this.#most : Math.max(1, this.#limit - queries);
  }

  get stats(): { readonly limit: number; readonly latencyMs: number; readonly usualMs: number } {
    return { limit: this.#limit, latencyMs: this.#latencyMs, usualMs: this.#usualMs };
  }

  /** @param isWanted whether other polls wait for their turn, so that a higher limit would be used. */
  succeeded(sample: PollSample, isWanted: boolean): void {
    this.#add(sample, this.#learn(sample), isWanted);
  }

  /** A poll failed. Only a timeout says something about the load; other failures take no time. */
  failed(begunAt: number): void {
    const ms = this.#now() - begunAt;
    if (ms >= TIMEOUT_MS) this.#add({ begunAt, ms }, 0, false);
  }

  #add({ begunAt, ms }: Pick<PollSample, 'begunAt' | 'ms'>, usual: number, isWanted: boolean): void {
    // A poll that began before the last change says nothing about the present limit.
    if (begunAt < this.#changedAt) return;
    this.#samples.push({ isLate: ms > usual * LATE_FACTOR + LATE_MS, ms, usual });
    this.#wasWanted ||= isWanted;
    if (this.#samples.length >= SAMPLES) this.#decide();
  }

  #decide(): void {
    const now = this.#now();
    const samples = this.#samples;
    const late = samples.filter(({ isLate }) => isLate).length;
    this.#latencyMs = mean(samples.map(({ ms }) => ms));
    this.#usualMs = mean(samples.map(({ usual }) => usual));
    if (late * 2 > samples.length) {
      this.#hadCongestion = true;
      if (this.#limit > 1) this.#growAt = now + GROW_MS;
      this.#change(Math.floor(this.#limit / 2));
    } else if (this.#wasWanted && now >= this.#growAt) {
      this.#growAt = this.#hadCongestion ? now + GROW_MS : now;
      this.#change(this.#hadCongestion ? this.#limit + 1 : this.#limit * 2);
    }
    this.#samples = [];
    this.#wasWanted = false;
  }

  #change(limit: number): void {
    const next = Math.min(Math.max(limit, 1), this.#most);
    if (next !== this.#limit) this.#changedAt = this.#now();
    this.#limit = next;
  }

  /** @returns the usual duration of the work. */
  #learn({ work, ms }: PollSample): number {
    const now = this.#now();
    const known = this.#works.get(work);
    if (known === undefined) {
      const oldest = this.#works.size >= MAX_WORKS ? this.#works.keys().next().value : undefined;
      if (oldest !== undefined) this.#works.delete(oldest);
      this.#works.set(work, { usual: ms, count: 1, at: now });
      return ms;
    }
    const before = known.usual;
    known.count += 1;
    if (known.count <= FIRST_DURATIONS) known.usual += (ms - before) / known.count;
    else if (ms < before) known.usual += (ms - before) * FALL;
    // With a higher limit the polls themselves may be the reason.
    else if (this.#limit === 1) known.usual += (ms - before) * Math.min((now - known.at) / RISE_MS, FALL);
    known.at = now;
    return before;
  }
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
