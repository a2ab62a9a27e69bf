/** A promise that is fulfilled after so many turns of the microtask queue. */
export async function later<Value>(value: Value, turns = 1): Promise<Value> {
  for (let i = 0; i < turns; i++) await undefined;
  return value;
}

/** A rejected promise that may be forgotten: a list that fails before its turn comes leaves no unhandled rejection by it. */
export function refused(reason: unknown): Promise<never> {
  const promise = Promise.reject(reason);
  promise.catch(() => undefined);
  return promise;
}
