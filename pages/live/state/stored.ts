import { effect, type Signal, signal } from '@preact/signals';

/** A list that survives a reload of this browser tab. Only the newest entries are kept. */
export function storedList<Item>(key: string, most: number): Signal<readonly Item[]> {
  const list = signal<readonly Item[]>(read(key));
  effect(() => sessionStorage.setItem(key, JSON.stringify(list.value.slice(-most))));
  return list;
}

function read<Item>(key: string): readonly Item[] {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
