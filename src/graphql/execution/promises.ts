/** True for whatever has a `then`, as graphql-js sees it. */
export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  (typeof value === 'object' || typeof value === 'function') &&
  value !== null &&
  typeof (value as { then?: unknown }).then === 'function';

const ignore = (): void => {};

/** Marks promises whose outcome nobody will ask for, since their list is null already: a rejection must not end the gateway. */
export function abandon(values: readonly unknown[]): void {
  for (const value of values) if (isPromise(value)) value.then(undefined, ignore);
}
