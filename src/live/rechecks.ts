/** Why an object is to be looked at: something about it is unclear now, or it was missing from a sweep. */
type Reason = 'unclear' | 'vanished';

interface Burst {
  /** Slots in which the object is due, soonest first. */
  slots: number[];
}

/**
 * The objects to look at one by one: after our own mutations at fixed times, at once where an answer left a question, and before
 * one that vanished is called removed.
 */
export class Rechecks {
  readonly #now = new Map<string, Reason>();
  readonly #bursts = new Map<string, Burst>();
  readonly #slotMs: number;
  readonly #together: number;
  #unclear = 0;

  constructor(slotMs: number, together: number) {
    this.#slotMs = slotMs;
    this.#together = together;
  }

  /** Nothing is to be looked at now; times of bursts may still come. */
  get idle(): boolean {
    return this.#now.size === 0;
  }

  /** Objects whose question cannot wait for the next sweep. */
  get unclear(): number {
    return this.#unclear;
  }

  unclearNow(uuid: string): void {
    if (this.#now.get(uuid) === 'unclear') return;
    this.#now.set(uuid, 'unclear');
    this.#unclear += 1;
  }

  vanished(uuid: string): void {
    if (!this.#now.has(uuid)) this.#now.set(uuid, 'vanished');
  }

  /** Looks at fixed times, rounded up to slots; they replace earlier ones of the object. */
  burst(uuid: string, times: readonly number[]): void {
    this.#bursts.set(uuid, { slots: times.map((time) => Math.ceil(time / this.#slotMs) * this.#slotMs) });
  }

  /**
   * Moves what is due into the present.
   * @returns true when so many were due together that one list call must answer for all; then none was moved.
   */
  fallDue(now: number): boolean {
    const due: string[] = [];
    for (const [uuid, burst] of this.#bursts) {
      const next = burst.slots[0];
      if (next === undefined || next > now) continue;
      due.push(uuid);
      burst.slots = burst.slots.filter((slot) => slot > now);
      if (burst.slots.length === 0) this.#bursts.delete(uuid);
    }
    if (due.length >= this.#together) return true;
    for (const uuid of due) this.unclearNow(uuid);
    return false;
  }

  /** When the next burst is due; Infinity when none is. */
  nextDue(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { slots } of this.#bursts.values()) next = Math.min(next, slots[0] ?? next);
    return next;
  }

  /** The object to look at next, unclear ones first. */
  first(reason: Reason): string | undefined {
    if (reason === 'unclear' && this.#unclear === 0) return undefined;
    for (const [uuid, why] of this.#now) {
      if (why === reason) return uuid;
    }
    return undefined;
  }

  /** The object has been looked at: no question is left. */
  settle(uuid: string): void {
    if (this.#now.get(uuid) === 'unclear') this.#unclear -= 1;
    this.#now.delete(uuid);
  }

  /** A list showed the object: it has not vanished; whether that answers more depends on what the list asked. */
  shown(uuid: string, complete: boolean): void {
    if (complete || this.#now.get(uuid) === 'vanished') this.settle(uuid);
  }

  /** A sweep will answer what is unclear; what vanished must still be confirmed. */
  leaveToSweep(): void {
    for (const [uuid, why] of this.#now) {
      if (why === 'unclear') this.#now.delete(uuid);
    }
    this.#unclear = 0;
  }

  clear(): void {
    this.#now.clear();
    this.#bursts.clear();
    this.#unclear = 0;
  }
}
