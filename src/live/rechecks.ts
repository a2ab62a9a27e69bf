/** Why an object is rechecked: a response left its state unclear, or it was missing from a relist. */
type Reason = 'unclear' | 'vanished';

interface Burst {
  /** Slots in which the object is due, soonest first. */
  slots: number[];
}

/**
 * Objects to read one by one: at fixed times after our own mutations, at once when a response was unclear, and before a missing
 * object is reported as removed.
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

  /** No recheck is due now; bursts may still be scheduled. */
  get idle(): boolean {
    return this.#now.size === 0;
  }

  /** Number of objects that cannot wait for the next relist. */
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

  /** A hint names the object: it is read at once, unless it is to be read anyway. */
  hinted(uuid: string): void {
    if (!this.#now.has(uuid)) this.unclearNow(uuid);
  }

  /** Schedules one more recheck, rounded up to a slot; unlike `burst` it replaces none. */
  lookAgain(uuid: string, at: number): void {
    const slot = Math.ceil(at / this.#slotMs) * this.#slotMs;
    const slots = this.#bursts.get(uuid)?.slots ?? [];
    if (slots.includes(slot)) return;
    // Doubled hints must not pile up.
    const earlier = slots.filter((each) => each < slot);
    this.#bursts.set(uuid, {
      slots: slots.length > earlier.length + 3 ? slots : [...slots, slot].sort((a, b) => a - b),
    });
  }

  /** Schedules rechecks at fixed times, rounded up to slots; they replace earlier ones of the object. */
  burst(uuid: string, times: readonly number[]): void {
    this.#bursts.set(uuid, { slots: times.map((time) => Math.ceil(time / this.#slotMs) * this.#slotMs) });
  }

  /**
   * Makes scheduled rechecks due.
   * @returns true when so many were due together that one list call must serve all; then none became due.
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

  /** When the next recheck of a burst is due; Infinity without one. */
  nextDue(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { slots } of this.#bursts.values()) next = Math.min(next, slots[0] ?? next);
    return next;
  }

  /** The first object to recheck for this reason. */
  first(reason: Reason): string | undefined {
    if (reason === 'unclear' && this.#unclear === 0) return undefined;
    for (const [uuid, why] of this.#now) {
      if (why === reason) return uuid;
    }
    return undefined;
  }

  /** The object has been read, or is left to the next poll of the scope. @returns why it was to be rechecked. */
  settle(uuid: string): Reason | undefined {
    const reason = this.#now.get(uuid);
    if (reason === 'unclear') this.#unclear -= 1;
    this.#now.delete(uuid);
    return reason;
  }

  /** A list showed the object, so it has not vanished; a complete row also settles an unclear one. */
  shown(uuid: string, complete: boolean): void {
    if (complete || this.#now.get(uuid) === 'vanished') this.settle(uuid);
  }

  /** A relist will settle unclear objects; vanished ones must still be confirmed. */
  leaveToRelist(): void {
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
