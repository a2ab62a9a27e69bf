import type { Complete, PlanField } from './plan.ts';

/** Puts before a completion what is the same for every type: Errors are thrown, and null is null where it may be. */
export function guard(field: PlanField, nullable: boolean, complete: Complete): Complete {
  return (value, run, path) => {
    if (value === null || value === undefined) return absent(field, nullable);
    if (value instanceof Error) throw value;
    return complete(value, run, path);
  };
}

/** What stands for null in the answer. @throws where nothing may. */
export function absent({ parentType, name }: PlanField, nullable: boolean): null {
  if (nullable) return null;
  throw new Error(`Cannot return null for non-nullable field ${parentType.name}.${name}.`);
}
