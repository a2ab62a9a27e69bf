import type { GraphQLError } from 'graphql';
import type { Path } from './plan.ts';

/** The errors of one run, in the order in which they came up. */
export class Errors {
  readonly list: GraphQLError[] = [];
  #nulled: Set<Path | undefined> | undefined;

  /**
   * @param path what is null in the answer because of it. An error under something that is null already is dropped: it came from
   * work that could not be called back.
   */
  add(error: GraphQLError, path: Path | undefined): void {
    this.#nulled ??= new Set();
    if (isNulled(this.#nulled, path)) return;
    this.#nulled.add(path);
    this.list.push(error);
  }
}

function isNulled(nulled: ReadonlySet<Path | undefined>, path: Path | undefined): boolean {
  for (let at = path; at !== undefined; at = at.prev) if (nulled.has(at)) return true;
  return nulled.has(undefined);
}

/** A path as it stands in an error. */
export function pathToArray(path: Path): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: Path | undefined = path; at !== undefined; at = at.prev) keys.push(at.key);
  return keys.reverse();
}
