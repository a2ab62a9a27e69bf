import type { Snapshot, Uuid, Volume } from '../model.ts';
import { MISSING_MESSAGE } from './cloud.ts';
import { type Context, refresh } from './tasks.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STUCK_AFTER_MS = 3 * HOUR;

export interface JobContext extends Context {
  /** World time in milliseconds since the epoch. */
  now: number;
  /** Whether no operation runs on the object, and its state was not set from outside. */
  isIdle(uuid: Uuid): boolean;
  /** Whether the state of the object was not set from outside. */
  isFree(uuid: Uuid): boolean;
  deleteSnapshot(uuid: Uuid): void;
}

interface Job {
  everyMs: number;
  /** The name in Waldur's log. */
  task: string;
  run(context: JobContext): void;
}

const bySeq = (a: { seq: number }, b: { seq: number }): number => a.seq - b.seq;
const inOrder = <Row extends { seq: number }>(table: Map<Uuid, Row>): Row[] => [...table.values()].sort(bySeq);

/**
 * Every object at rest takes over what the cloud says; `modified` changes even when nothing else does. What was ERRED and is
 * there becomes OK and keeps its traceback; what is not there, or never was, becomes ERRED (contract 2.8).
 */
function pullOne(row: Snapshot | Volume, { cloud, world, isFree }: JobContext): void {
  if ((row.state !== 'OK' && row.state !== 'ERRED') || !isFree(row.uuid)) return;
  const object = cloud.get(row.backend_id);
  if (object === undefined) {
    row.state = 'ERRED';
    row.runtime_state = '';
    row.error_message = MISSING_MESSAGE;
  } else {
    refresh(row, object);
    row.state = 'OK';
    row.error_message = '';
  }
  world.touch(row);
}

function failStuckCreation(row: Snapshot | Volume, { world, now, isFree }: JobContext): void {
  if ((row.state !== 'CREATION_SCHEDULED' && row.state !== 'CREATING') || !isFree(row.uuid)) return;
  if (Date.parse(row.modified) > now - STUCK_AFTER_MS) return;
  row.state = 'ERRED';
  row.error_message = 'Provisioning has timed out.';
  world.touch(row);
}

function resetUpdating(row: Snapshot | Volume, { world, isIdle }: JobContext): void {
  if (row.state !== 'UPDATING' || !isIdle(row.uuid)) return;
  row.state = 'OK';
  row.action = '';
  row.action_details = {};
  world.touch(row);
}

const eachResource =
  (act: (row: Snapshot | Volume, context: JobContext) => void) =>
  (context: JobContext): void => {
    for (const row of inOrder(context.world.tables.volumes)) act(row, context);
    for (const row of inOrder(context.world.tables.snapshots)) act(row, context);
  };

/** The periodic jobs (contract 2.8). */
export const JOBS = {
  pull: { everyMs: HOUR, task: 'hourly pull', run: eachResource(pullOne) },
  deleteExpired: {
    everyMs: 10 * MINUTE,
    task: 'DeleteExpiredSnapshots',
    run({ world, now, deleteSnapshot }) {
      for (const row of inOrder(world.tables.snapshots)) {
        if (row.state !== 'OK' || row.kept_until === null || Date.parse(row.kept_until) >= now) continue;
        row.state = 'DELETION_SCHEDULED';
        world.touch(row);
        deleteSnapshot(row.uuid);
      }
    },
  },
  resetUpdating: { everyMs: 10 * MINUTE, task: 'reset updating resources', run: eachResource(resetUpdating) },
  failStuckCreation: { everyMs: HOUR, task: 'SetErredStuckResources', run: eachResource(failStuckCreation) },
  endRoles: {
    everyMs: 24 * HOUR,
    task: 'check_expired_permissions',
    run({ world, now }) {
      for (const user of world.tables.users.values()) {
        for (const role of user.roles) {
          if (role.expiration_time !== null && Date.parse(role.expiration_time) < now) role.is_active = false;
        }
      }
    },
  },
} as const satisfies Record<string, Job>;

export type JobName = keyof typeof JOBS;
