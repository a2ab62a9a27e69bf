import type { Target, TimelineName } from './timelines.ts';

/** The timeline and next step of a resumed operation. */
export interface Resumption {
  timeline: TimelineName;
  step: number;
}

/** How to resume an object in transition, derived from its row. Undefined for a settled object. */
export function resumption({ kind, row }: Target): Resumption | undefined {
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
      return { timeline: update, step: 0 };
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
