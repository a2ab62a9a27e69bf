import { VOLUME_CHANGE_NAMES } from '../model.ts';
import type { Target } from './tasks.ts';
import type { TimelineName } from './timelines.ts';
import { changeTimeline } from './volume-changes.ts';

/** The timeline and next step of a resumed operation. */
export interface Resumption {
  timeline: TimelineName;
  step: number;
}

/** How to resume an object in transition, derived from its row. Undefined for a settled object. */
export function resumption(target: Target): Resumption | undefined {
  const { kind, row } = target;
  const creation = kind === 'snapshot' ? 'create_snapshot' : 'restore_volume';
  const update = row.action === 'Pull' ? (`pull_${kind}` as const) : 'update_locally';
  switch (row.state) {
    case 'OK':
    case 'ERRED':
      return undefined;
    case 'CREATION_SCHEDULED':
      return { timeline: creation, step: 0 };
    case 'CREATING':
      return { timeline: creation, step: 1 };
    case 'UPDATE_SCHEDULED':
      return { timeline: scheduledChange(target) ?? update, step: 0 };
    case 'UPDATING':
      return { timeline: update, step: 1 };
    // Volumes are deleted through the marketplace, which this world does not have: theirs stays as it is.
    case 'DELETION_SCHEDULED':
      if (kind === 'volume') return undefined;
      return { timeline: row.backend_id === null ? 'delete_locally' : 'delete_snapshot', step: 0 };
    case 'DELETING':
      return kind === 'volume' ? undefined : { timeline: 'delete_snapshot', step: 1 };
  }
}

/** A change of a volume that OpenStack has not begun. One that it has begun counts as done. */
function scheduledChange({ kind, row }: Target): TimelineName | undefined {
  const change = VOLUME_CHANGE_NAMES.find((name) => name === row.action.toLowerCase());
  return kind === 'volume' && change !== undefined ? changeTimeline(change, row) : undefined;
}
