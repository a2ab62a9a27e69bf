import type { Instance, Snapshot, Volume, VolumeChange } from '../model.ts';
import type { World } from '../world.ts';
import { type Failure, notFound, TaskError } from './failures.ts';
import { ask, begin, type Context, erring, polling, pull, settling, type Target, type Task, TIMING } from './tasks.ts';

/** What the worker does after a volume was attached, detached, extended or retyped (recorded flows; contract 11.4). */

const volumeOf = ({ row }: Target): Volume => {
  if (!isVolume(row)) throw new TypeError('only volumes can be changed like this');
  return row;
};
const isVolume = (row: Snapshot | Volume): row is Volume => 'instance_uuid' in row;

/** Sends the change to the cloud. @throws TaskError when the cloud refuses or does not have the volume. */
function send(change: VolumeChange, row: Volume, { cloud, world }: Context): void {
  const device = row.device || freeDevice(row, world);
  if (!ask(`${change}_volume`, () => cloud.change(change, row, device))) throw new TaskError(notFound('Volume'));
}

/** The first device after that of the system disk which no other volume of the instance has. */
function freeDevice({ instance_uuid }: Volume, { tables }: World): string {
  const others = [...tables.volumes.values()].filter((other) => other.instance_uuid === instance_uuid);
  const letter = [...'bcdefghijklmnopqrstuvwxyz'].find(
    (one) => !others.some(({ device }) => device.endsWith(`vd${one}`)),
  );
  return `/dev/vd${letter ?? 'z'}`;
}

/** A task that calls the cloud. `first`: the one with which the object becomes UPDATING. */
const calling = (
  change: VolumeChange,
  first: boolean,
  work: (row: Volume, context: Context) => void = () => {},
): Task => ({
  name: `BackendMethodTask(${change}_volume)`,
  afterMs: first ? TIMING.start : TIMING.next,
  run(target, context) {
    const row = volumeOf(target);
    const perform = (): void => {
      send(change, row, context);
      work(row, context);
    };
    if (first) return begin('UPDATE_SCHEDULED', 'UPDATING', perform)(target, context);
    perform();
    return 'done';
  },
});

const waitFor = (until: string): Task => polling('volume', { afterMs: TIMING.firstPoll.change, until });

const pulling: Task = {
  name: 'BackendMethodTask(pull_volume)',
  afterMs: TIMING.next,
  run(target, context) {
    pull(target, context);
    context.world.touch(target.row);
    return 'done';
  },
};

/** Waldur forgets the instance as soon as the cloud has accepted the detachment. */
const forgetInstance = (row: Volume): void => {
  row.instance_uuid = null;
  row.device = '';
};

const instanceOf = (row: Volume, { detached, world }: Context): Instance | undefined => {
  const uuid = row.instance_uuid ?? detached.get(row.uuid)?.instance_uuid;
  return uuid == null ? undefined : world.tables.instances.get(uuid);
};

const change = (world: World, instance: Instance | undefined, columns: Partial<Instance>): void => {
  if (instance === undefined) return;
  world.update(instance, columns);
  world.touch(instance);
};

const beginningInstance: Task = {
  name: 'StateTransitionTask()',
  afterMs: TIMING.start,
  run(target, context) {
    change(context.world, instanceOf(volumeOf(target), context), { state: 'UPDATING' });
    return 'done';
  },
};

const settlingInstance: Task = {
  name: 'link StateTransitionTask',
  afterMs: TIMING.next,
  run(target, context) {
    const instance = instanceOf(volumeOf(target), context);
    change(context.world, instance, { state: 'OK', action: '', action_details: {} });
    return 'done';
  },
};

const detachingForAWhile = calling('detach', true, (row, { detached }) => {
  detached.set(row.uuid, { instance_uuid: row.instance_uuid, device: row.device });
  forgetInstance(row);
});

const reattaching: Task = {
  name: 'BackendMethodTask(attach_volume)',
  afterMs: TIMING.next,
  run(target, context) {
    const row = volumeOf(target);
    Object.assign(row, context.detached.get(row.uuid));
    send('attach', row, context);
    context.detached.delete(row.uuid);
    context.world.touch(row);
    return 'done';
  },
};

/** The instance fails with its volume. Not recorded. */
const erringBoth = (failure: Failure): Task => {
  const task = erring(failure);
  return {
    ...task,
    run(target, context) {
      const row = volumeOf(target);
      const columns = { error_message: failure.message, error_traceback: failure.traceback };
      change(context.world, instanceOf(row, context), { ...columns, state: 'ERRED', action: '', action_details: {} });
      context.detached.delete(row.uuid);
      return task.run(target, context);
    },
  };
};

export const VOLUME_CHANGES = {
  attach_volume: { steps: [calling('attach', true), waitFor('in-use'), pulling, settling()], onError: erring },
  detach_volume: {
    steps: [calling('detach', true, forgetInstance), waitFor('available'), settling()],
    onError: erring,
  },
  extend_volume: { steps: [calling('extend', true), waitFor('available'), settling()], onError: erring },
  /** Detached, extended and attached again; the instance is UPDATING meanwhile. */
  extend_attached_volume: {
    steps: [
      beginningInstance,
      detachingForAWhile,
      waitFor('available'),
      calling('extend', false),
      waitFor('available'),
      reattaching,
      waitFor('in-use'),
      settling(),
      settlingInstance,
    ],
    onError: erringBoth,
  },
  retype_volume: { steps: [calling('retype', true), waitFor('available'), pulling, settling()], onError: erring },
} as const;

/** The timeline of a change that was requested of this volume. */
export const changeTimeline = (name: VolumeChange, { instance_uuid }: Volume) =>
  name === 'extend' && instance_uuid !== null ? 'extend_attached_volume' : (`${name}_volume` as const);
