/** A token with the part of AbortSignal's interface that is needed to cancel work; every AbortSignal is one. */
export interface AbortToken {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: AbortListener): void;
  removeEventListener(type: 'abort', listener: AbortListener): void;
}

/** Called once. */
export type AbortListener = (() => void) | { handleEvent(): void };

/**
 * An abort token and its controller in one. A request needs several of them; Node's signals are event targets, and a few of them would
 * cost as much as the rest of a small request.
 */
export class AbortTokenSource implements AbortToken {
  #aborted = false;
  #listeners: AbortListener[] = [];

  get aborted(): boolean {
    return this.#aborted;
  }

  addEventListener(_type: 'abort', listener: AbortListener): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: AbortListener): void {
    const index = this.#listeners.indexOf(listener);
    if (index !== -1) this.#listeners.splice(index, 1);
  }

  /** Calls all listeners. Later calls do nothing. */
  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) {
      if (typeof listener === 'function') listener();
      else listener.handleEvent();
    }
  }
}
