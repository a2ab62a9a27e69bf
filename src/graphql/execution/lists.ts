import { GraphQLError } from 'graphql';
import type { Complete, PlanField } from './plan.ts';
import { abandon, isPromise } from './promises.ts';

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';

/** Completes a list: an item that fails is null alone where it may be, and fails the list where it may not. */
export function completeList(field: PlanField, nullableItems: boolean, completeItem: Complete): Complete {
  return (value, run, path) => {
    if (!isIterable(value)) {
      throw new GraphQLError(
        `Expected Iterable, but did not find one for field "${field.parentType.name}.${field.name}".`,
      );
    }
    const items: unknown[] = [];
    let waiting = false;
    try {
      for (const item of value) {
        const itemPath = { prev: path, key: items.length };
        try {
          const completed = isPromise(item)
            ? item.then((resolved) => completeItem(resolved, run, itemPath))
            : completeItem(item, run, itemPath);
          if (isPromise(completed)) {
            waiting = true;
            items.push(completed.then(undefined, (thrown) => run.fail(thrown, field, itemPath, nullableItems)));
          } else {
            items.push(completed);
          }
        } catch (thrown) {
          items.push(run.fail(thrown, field, itemPath, nullableItems));
        }
      }
    } catch (thrown) {
      if (waiting) abandon(items);
      throw thrown;
    }
    return waiting ? Promise.all(items) : items;
  };
}
