import type { Generation, Snapshot, Uuid, Volume } from '../model.ts';
import type { World } from '../world.ts';
import { type Cloud, CloudError, type CloudObject, type Kind, type Operation } from './cloud.ts';
import { becameErred, type Failure, notFound, pullDefect, refused, TaskError } from './failures.ts';

/** What timelines are made of: tasks, and those that several timelines have. */

/** The context of the tasks. */
export interface Context {
  readonly world: World;
  readonly cloud: Cloud;
  readonly generation: Generation;
  /** Where volumes were attached that are detached only while they are extended. */
  readonly detached: Map<Uuid, Pick<Volume, 'instance_uuid' | 'device'>>;
}

export type Target = { kind: 'snapshot'; row: Snapshot } | { kind: 'volume'; row: Volume };

/** `again`: the task wants to run once more after so many milliseconds; `stop`: somebody else has taken over. */
export type Outcome = 'done' | 'again' | 'stop';

/** One run of a task, as Waldur's task queue would run it. Milliseconds are world time. */
export interface Task {
  /** The name in Waldur's log. */
  name: string;
  /** From the end of the task before. */
  afterMs: number;
  againMs?: number;
  /** How often it may run before Waldur gives up. */
  most?: number;
  /** @throws TaskError: the timeline goes on with its steps for failure. */
  run(target: Target, context: Context): Outcome;
}

export interface Timeline {
  steps: readonly Task[];
  /** The steps after a failure. */
  onError: (failure: Failure) => Task;
}

/** Contract 2.3 to 2.6 and 2.8. */
export const TIMING = {
  start: 2_000,
  /** A task that follows the one before without a set delay. */
  next: 500,
  throttle: 5_000,
  firstPoll: { snapshot: 10_000, volume: 30_000, change: 5_000 },
  poll: 5_000,
} as const;

const MOST_POLLS = 1200;

export const title = (kind: Kind): 'Snapshot' | 'Volume' => (kind === 'snapshot' ? 'Snapshot' : 'Volume');

/** Calls the cloud. An error of the cloud fails the task. */
export function ask<T>(operation: Operation, question: () => T): T {
  try {
    return question();
  } catch (error) {
    if (error instanceof CloudError) throw new TaskError(refused(operation, error));
    throw error;
  }
}

/** Starts the work of an object that is still in the state `from`. */
export const begin =
  (
    from: Target['row']['state'],
    to: Target['row']['state'],
    work: (target: Target, context: Context) => void = () => {},
  ) =>
  (target: Target, context: Context): Outcome => {
    if (target.row.state !== from) return 'stop';
    target.row.state = to;
    context.world.touch(target.row);
    work(target, context);
    return 'done';
  };

/** Waits for a status of the cloud. @param poll the first poll and the status that ends it. */
export const polling = (
  kind: Kind,
  { afterMs = TIMING.firstPoll[kind], until = 'available' }: { afterMs?: number; until?: string } = {},
): Task => ({
  name: `PollRuntimeStateTask(pull_${kind}_runtime_state)`,
  afterMs,
  againMs: TIMING.poll,
  most: MOST_POLLS,
  run({ row }, { cloud, world }) {
    // Waldur writes "deleted" for what Cinder does not have, and goes on asking.
    const status = cloud.get(row.backend_id)?.status ?? 'deleted';
    if (status !== row.runtime_state) {
      row.runtime_state = status;
      world.touch(row);
    }
    if (status === 'error') throw new TaskError(becameErred(title(kind), row.seq, status));
    return status === until ? 'done' : 'again';
  },
});

/** Takes over what the cloud says. @throws TaskError when it does not have the object, or refuses. */
export function pull({ kind, row }: Target, { cloud, generation, world }: Context): void {
  const defect = kind === 'snapshot' ? pullDefect(generation) : undefined;
  if (defect !== undefined) throw new TaskError(defect);
  ask(`pull_${kind}`, () => cloud.check(`pull_${kind}`, row.uuid));
  const object = cloud.get(row.backend_id);
  if (object === undefined) throw new TaskError(notFound(title(kind)));
  refresh(row, object);
  if (
    'source_volume_uuid' in row &&
    row.source_volume_uuid !== null &&
    !world.tables.volumes.has(row.source_volume_uuid)
  ) {
    row.source_volume_uuid = null;
  }
}

/** Copies the fields that Waldur keeps in step with the cloud (contract 2.6). */
export function refresh(row: Snapshot | Volume, object: CloudObject): void {
  row.name = object.name;
  row.description = object.description;
  row.size = object.size;
  row.metadata = structuredClone(object.metadata);
  row.runtime_state = object.status;
  if ('bootable' in row) {
    row.bootable = object.bootable;
    row.device = object.device;
  } else row.source_volume_uuid = object.sourceVolume;
}

function rest(row: Snapshot | Volume): void {
  row.action = '';
  row.action_details = {};
}

/** The usual end: OK, and nothing runs. */
export const settling = (name = 'link StateTransitionTask'): Task => ({
  name,
  afterMs: TIMING.next,
  run({ row }, { world }) {
    row.state = 'OK';
    rest(row);
    world.touch(row);
    return 'done';
  },
});

/** The usual end of what failed: ERRED with the reason. */
export const erring = (failure: Failure): Task => ({
  name: 'link_error ErrorStateTransitionTask',
  afterMs: TIMING.next,
  run({ row }, { world }) {
    row.state = 'ERRED';
    row.error_message = failure.message;
    row.error_traceback = failure.traceback;
    rest(row);
    world.touch(row);
    return 'done';
  },
});
