import { useSyncExternalStore } from 'react';

/** State outside React that components follow. */
export class Observable {
  readonly #listeners = new Set<() => void>();
  #version = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly version = (): number => this.#version;

  protected changed(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}

/** Renders the component again whenever the state changes. */
export function useObservable<State extends Observable>(state: State): State {
  useSyncExternalStore(state.subscribe, state.version);
  return state;
}
