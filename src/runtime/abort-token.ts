/**
 * What tells that nobody waits for something any more. An AbortSignal is one, and `AbortTokenSource` is one of our own: Node's signals are event
 * targets, and making and leaving a few of them costs as much as all that a small call needs besides.
 */
export interface AbortToken {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: AbortListener): void;
  removeEventListener(type: 'abort', listener: AbortListener): void;
}

/** Told once. */
export type AbortListener = (() => void) | { handleEvent(): void };

const NOBODY: AbortListener[] = [];

export class AbortTokenSource implements AbortToken {
  #aborted = false;
  /** Nearly all have one listener at a time, and an empty list that grows makes room for sixteen more. */
  #listeners = NOBODY;

  get aborted(): boolean {
    return this.#aborted;
  }

  addEventListener(_type: 'abort', listener: AbortListener): void {
    if (this.#listeners === NOBODY) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: AbortListener): void {
    const at = this.#listeners.indexOf(listener);
    if (at === -1) return;
    if (this.#listeners.length === 1) this.#listeners = NOBODY;
    else this.#listeners.splice(at, 1);
  }

  /** Tells all who listen; the second time nobody. */
  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const listeners = this.#listeners;
    this.#listeners = NOBODY;
    for (const listener of listeners) {
      if (typeof listener === 'function') listener();
      else listener.handleEvent();
    }
  }
}
