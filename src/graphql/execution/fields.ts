import type { Answer } from './answers.ts';
import { absent } from './guard.ts';
import type { Serialize } from './leaves.ts';
import type { Complete, Execute, Path, PlanField, Selection } from './plan.ts';
import { isPromise } from './promises.ts';
import type { Run } from './run.ts';
import { fromSourceAlone } from './straight.ts';

/**
 * Executes fields side by side.
 * @returns the object in the answer; a promise of it when a field has to be waited for.
 * @throws (or rejects with) the located error of a field that may not be null.
 */
export function executeFields(selection: Selection, source: unknown, run: Run, path: Path | undefined): unknown {
  const answer = selection.blank();
  let waiting: Waiting | undefined;
  try {
    for (const { key, execute } of selection.fields) {
      const value = execute(source, run, path);
      answer[key] = value;
      if (isPromise(value)) {
        // An empty list that grows makes room for sixteen more, and mostly there is but one to wait for.
        if (waiting === undefined) waiting = { keys: [key], promises: [value] };
        else {
          waiting.keys.push(key);
          waiting.promises.push(value);
        }
      }
    }
  } catch (thrown) {
    if (waiting === undefined) throw thrown;
    // The object is null already, but what was started may fail too and must be seen to.
    return filled(answer, waiting).finally(() => {
      throw thrown;
    });
  }
  return waiting === undefined ? answer : filled(answer, waiting);
}

interface Waiting {
  readonly keys: string[];
  readonly promises: PromiseLike<unknown>[];
}

/** As many steps of the microtask queue as graphql-js takes, so that errors come up in the same order. */
function filled(answer: Answer, { keys, promises }: Waiting): Promise<Answer> {
  const [key] = keys;
  const [promise] = promises;
  if (keys.length === 1 && key !== undefined && promise instanceof Promise) {
    // The first step is what Promise.all takes, for a tenth of its price.
    return promise.then().then((value: unknown) => {
      answer[key] = value;
      return answer;
    });
  }
  return Promise.all(promises).then((values) => {
    let i = 0;
    for (const key of keys) answer[key] = values[i++];
    return answer;
  });
}

/** Executes fields one after the other, each when the one before is done with everything below it; otherwise as `executeFields`. */
export function executeSerially(selection: Selection, source: unknown, run: Run): unknown {
  let answer: Answer | PromiseLike<Answer> = selection.blank();
  const add = (to: Answer, { key, execute }: Selection['fields'][number]): Answer | PromiseLike<Answer> => {
    const value = execute(source, run, undefined);
    if (isPromise(value)) {
      return value.then((resolved) => {
        to[key] = resolved;
        return to;
      });
    }
    to[key] = value;
    return to;
  };
  for (const field of selection.fields) {
    answer = isPromise(answer) ? (answer as PromiseLike<Answer>).then((to) => add(to, field)) : add(answer, field);
  }
  return answer;
}

/** What most leaves are; it needs no look at what else it could be. */
const isPrimitive = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** A field whose value has nothing below it: no path is made before something fails. */
export function leafField(field: PlanField, serialize: Serialize): Execute {
  const { resolve, args, key, nullable } = field;
  const complete = (value: unknown): unknown => {
    if (value === null || value === undefined) return absent(field, nullable);
    if (value instanceof Error) throw value;
    return serialize(value);
  };
  const read = fromSourceAlone(field);
  return (source, run, parent) => {
    try {
      const value = read ? read(source) : resolve(source, args ?? run.arguments(field), run.context, run.info(field));
      const completed = isPrimitive(value)
        ? serialize(value)
        : isPromise(value)
          ? value.then(complete)
          : complete(value);
      if (!isPromise(completed)) return completed;
      return completed.then(undefined, (thrown) => run.fail(thrown, field, { prev: parent, key }, nullable));
    } catch (thrown) {
      return run.fail(thrown, field, { prev: parent, key }, nullable);
    }
  };
}

/**
 * A field with something below it.
 * @param completeLater how a value that had to be waited for is completed.
 */
export function branchField(field: PlanField, complete: Complete, completeLater: Complete = complete): Execute {
  const { resolve, args, key, nullable } = field;
  return (source, run, parent) => {
    const path = { prev: parent, key };
    try {
      const value = resolve(source, args ?? run.arguments(field), run.context, run.info(field));
      const completed = isPromise(value)
        ? value.then((resolved) => completeLater(resolved, run, path))
        : complete(value, run, path);
      if (!isPromise(completed)) return completed;
      return completed.then(undefined, (thrown) => run.fail(thrown, field, path, nullable));
    } catch (thrown) {
      return run.fail(thrown, field, path, nullable);
    }
  };
}
