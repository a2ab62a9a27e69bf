import type { Generation, Snapshot, Volume } from '../model.ts';
import type { World } from '../world.ts';
import { type Cloud, CloudError, type CloudObject, type Kind, type Operation } from './cloud.ts';
import { becameErred, type Failure, gaveUp, notFound, pullDefect, refused, TaskError } from './failures.ts';

/** The context of the tasks. */
export interface Context {
  readonly world: World;
  readonly cloud: Cloud;
  readonly generation: Generation;
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
const TIMING = {
  start: 2_000,
  /** A task that follows the one before without a set delay. */
  next: 500,
  throttle: 5_000,
  firstPoll: { snapshot: 10_000, volume: 30_000 },
  poll: 5_000,
} as const;

/** So many of one provider's snapshots, or volumes, may be CREATING before further ones have to wait. */
const MOST_CREATING = 4;
const MOST_THROTTLES = 300;
const MOST_POLLS = 1200;
const MOST_DELETION_CHECKS = 600;

const title = (kind: Kind): 'Snapshot' | 'Volume' => (kind === 'snapshot' ? 'Snapshot' : 'Volume');

/** Calls the cloud. An error of the cloud fails the task. */
function ask<T>(operation: Operation, question: () => T): T {
  try {
    return question();
  } catch (error) {
    if (error instanceof CloudError) throw new TaskError(refused(operation, error));
    throw error;
  }
}

const begin =
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

const creating = (kind: Kind): Task => ({
  name: `ThrottleProvisionTask(create_${kind})`,
  afterMs: TIMING.start,
  againMs: TIMING.throttle,
  most: MOST_THROTTLES,
  run(target, context) {
    if (context.world.countCreating(kind, target.row.service_settings_uuid) > MOST_CREATING) return 'again';
    return begin('CREATION_SCHEDULED', 'CREATING', ({ row }) => {
      row.backend_id = ask(`create_${kind}`, () => context.cloud.create(kind, row));
      row.runtime_state = 'creating';
      if ('bootable' in row) row.bootable = true;
    })(target, context);
  },
});

const polling = (kind: Kind): Task => ({
  name: `PollRuntimeStateTask(pull_${kind}_runtime_state)`,
  afterMs: TIMING.firstPoll[kind],
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
    return status === 'available' ? 'done' : 'again';
  },
});

const removingBootableFlag: Task = {
  name: 'BackendMethodTask(remove_bootable_flag)',
  afterMs: TIMING.next,
  run({ row }, { cloud, world }) {
    ask('remove_bootable_flag', () => cloud.check('remove_bootable_flag', row.uuid));
    const object = cloud.get(row.backend_id);
    if (object !== undefined) object.bootable = false;
    if ('bootable' in row) row.bootable = false;
    world.touch(row);
    return 'done';
  },
};

/** Takes over what the cloud says. @throws TaskError when it does not have the object, or refuses. */
function pull({ kind, row }: Target, { cloud, generation, world }: Context): void {
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
  if ('bootable' in row) row.bootable = object.bootable;
  else row.source_volume_uuid = object.sourceVolume;
}

/** The pull at the end of a restore: the object is CREATING and stays so. */
const pullingRestored: Task = {
  name: 'BackendMethodTask(pull_volume)',
  afterMs: TIMING.next,
  run(target, context) {
    pull(target, context);
    context.world.touch(target.row);
    return 'done';
  },
};

function rest(row: Snapshot | Volume): void {
  row.action = '';
  row.action_details = {};
}

const settling = (name = 'link StateTransitionTask'): Task => ({
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
const erring = (failure: Failure): Task => ({
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

/** A restore that fails leaves no message (contract 2.3). */
const erringSilently = (): Task => ({
  name: 'link_error StateTransitionTask',
  afterMs: TIMING.next,
  run({ row }, { world }) {
    row.state = 'ERRED';
    world.touch(row);
    return 'done';
  },
});

const removing = (name: string): Task => ({
  name,
  afterMs: TIMING.next,
  run({ row }, { world }) {
    world.remove('snapshots', row.uuid);
    return 'done';
  },
});

const updating = (kind: Kind): Task => ({
  name: `BackendMethodTask(update_${kind})`,
  afterMs: TIMING.start,
  run: begin('UPDATE_SCHEDULED', 'UPDATING', ({ row }, { cloud }) => {
    ask(`update_${kind}`, () => cloud.check(`update_${kind}`, row.uuid));
    const object = cloud.get(row.backend_id);
    if (object !== undefined) Object.assign(object, { name: row.name, description: row.description });
  }),
});

const updatingWaldurOnly: Task = {
  name: 'StateTransitionTask()',
  afterMs: TIMING.start,
  run: begin('UPDATE_SCHEDULED', 'UPDATING'),
};

const pulling = (kind: Kind): Task => ({
  name: `BackendMethodTask(pull_${kind})`,
  afterMs: TIMING.start,
  run: begin('UPDATE_SCHEDULED', 'UPDATING', pull),
});

const deleting: Task = {
  name: 'BackendMethodTask(delete_snapshot)',
  afterMs: TIMING.start,
  run: begin('DELETION_SCHEDULED', 'DELETING', ({ row, kind }, { cloud, world }) => {
    if (kind !== 'snapshot') return;
    ask('delete_snapshot', () => cloud.delete(row));
    world.addUsage(row.tenant_uuid, { snapshots: -1, snapshots_size: -row.size });
  }),
};

const checkingDeletion: Task = {
  name: 'PollBackendCheckTask(is_snapshot_deleted)',
  afterMs: TIMING.next,
  againMs: TIMING.poll,
  most: MOST_DELETION_CHECKS,
  run: ({ row }, { cloud }) => (cloud.get(row.backend_id) === undefined ? 'done' : 'again'),
};

const deletingWaldurOnly: Task = {
  name: 'StateTransitionTask()',
  afterMs: TIMING.start,
  run: begin('DELETION_SCHEDULED', 'DELETING'),
};

const DELETION_STEPS = [deleting, checkingDeletion, removing('link DeletionTask')];

/** The operations as sequences of tasks. The names say for what: `_locally` is done in Waldur alone. */
export const TIMELINES = {
  create_snapshot: { steps: [creating('snapshot'), polling('snapshot'), settling()], onError: erring },
  restore_volume: {
    steps: [creating('volume'), polling('volume'), removingBootableFlag, pullingRestored, settling()],
    onError: erringSilently,
  },
  update_snapshot: { steps: [updating('snapshot'), settling()], onError: erring },
  update_volume: { steps: [updating('volume'), settling()], onError: erring },
  update_locally: { steps: [updatingWaldurOnly, settling()], onError: erring },
  pull_snapshot: { steps: [pulling('snapshot'), settling()], onError: erring },
  pull_volume: { steps: [pulling('volume'), settling()], onError: erring },
  delete_snapshot: { steps: DELETION_STEPS, onError: erring },
  /** Of a snapshot that was ERRED: it goes, whatever the cloud says. */
  force_delete_snapshot: { steps: DELETION_STEPS, onError: () => removing('link_error DeletionTask') },
  delete_locally: { steps: [deletingWaldurOnly, removing('link DeletionTask')], onError: erring },
} as const satisfies Record<string, Timeline>;

export type TimelineName = keyof typeof TIMELINES;

/** What a task failed of that ran too often. */
export const tooOften = ({ kind, row }: Target): Failure => gaveUp(title(kind), row.seq);
