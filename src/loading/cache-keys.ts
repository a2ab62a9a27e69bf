import type { Filter, Order } from './lists.ts';

/** Texts of objects that are asked for several times on the way of a list; most lists have one and the same filter and order. */
function remembered<Key extends object>(write: (key: Key) => string): (key: Key) => string {
  const texts = new WeakMap<Key, string>();
  return (key) => {
    let text = texts.get(key);
    if (text === undefined) {
      text = write(key);
      texts.set(key, text);
    }
    return text;
  };
}

/** The same for the same conditions, whatever their order. The filter must not be changed. */
export const filterText = remembered((filter: Filter) => JSON.stringify(Object.entries(filter).sort()));

/** The same for the same order, which must not be changed. */
export const orderText = remembered((order: Order) => JSON.stringify(order));
