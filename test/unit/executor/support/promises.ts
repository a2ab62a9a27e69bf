/** A promise that is fulfilled after a number of microtasks. */
export async function later<Value>(value: Value, turns = 1): Promise<Value> {
  for (let i = 0; i < turns; i++) await undefined;
  return value;
}

/** A rejected promise whose rejection is handled: a list that fails before it leaves no unhandled rejection. */
export function refused(reason: unknown): Promise<never> {
  const promise = Promise.reject(reason);
  promise.catch(() => undefined);
  return promise;
}
