import type { Kind } from './cloud.ts';
import { type Failure, gaveUp } from './failures.ts';
import {
  ask,
  begin,
  erring,
  polling,
  pull,
  settling,
  type Target,
  type Task,
  TIMING,
  type Timeline,
  title,
} from './tasks.ts';
import { VOLUME_CHANGES } from './volume-changes.ts';

/** So many of one provider's snapshots, or volumes, may be CREATING before further ones have to wait. */
const MOST_CREATING = 4;
const MOST_THROTTLES = 300;
const MOST_DELETION_CHECKS = 600;

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
  ...VOLUME_CHANGES,
  delete_locally: { steps: [deletingWaldurOnly, removing('link DeletionTask')], onError: erring },
} as const satisfies Record<string, Timeline>;

export type TimelineName = keyof typeof TIMELINES;

/** What a task failed of that ran too often. */
export const tooOften = ({ kind, row }: Target): Failure => gaveUp(title(kind), row.seq);
