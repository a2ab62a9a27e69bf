import type { Complete, PlanField } from './plan.ts';
import { isPromise } from './promises.ts';

/**
 * Completes each joined object once: a volume that DataLoader gave to many snapshots stands in the answer as one object, in many
 * places. Only what was complete at once and without an error is kept: an error has a path of its own in every place.
 */
export function completeJoin(field: PlanField, complete: Complete): Complete {
  return (value, run, path) => {
    if (typeof value !== 'object' || value === null) return complete(value, run, path);
    const joins = run.joins(field);
    const known = joins.get(value);
    if (known !== undefined) return known;
    const failures = run.failures;
    const completed = complete(value, run, path);
    if (!isPromise(completed) && run.failures === failures) joins.set(value, completed);
    return completed;
  };
}
