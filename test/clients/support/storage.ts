import type { TableStorage } from '../../../clients/live/src/index.ts';

/** Keeps values like `localStorage`. */
export class MemoryStorage implements TableStorage {
  readonly values = new Map<string, string>();

  getItem(key: string): string | null {
    return this.values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.values.set(key, value);
  }

  removeItem(key: string): void {
    this.values.delete(key);
  }
}
