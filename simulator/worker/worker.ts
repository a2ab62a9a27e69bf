import type { Clock, Timer } from '../clock.ts';
import type { Generation, Tasks, Uuid, VolumeChange } from '../model.ts';
import type { World } from '../world.ts';
import type { Cloud, Kind } from './cloud.ts';
import { type Failure, TaskError } from './failures.ts';
import { JOBS, type JobName } from './jobs.ts';
import { resumption } from './resume.ts';
import type { Context, Target, Task } from './tasks.ts';
import { TIMELINES, type TimelineName, tooOften } from './timelines.ts';
import { changeTimeline } from './volume-changes.ts';

export interface WorkerOptions {
  world: World;
  clock: Clock;
  cloud: Cloud;
  generation: Generation;
  /** Told of each task after it has run: its name as in Waldur's log, and the object. */
  onTask?: (name: string, uuid: Uuid | undefined) => void;
}

/** An operation that is under way on one object. */
interface Running {
  kind: Kind;
  uuid: Uuid;
  timeline: TimelineName;
  /** What comes next: a step by its index, or the end of a failure. */
  next: number | Failure;
  tries: number;
  timer: Timer | undefined;
}

/**
 * Simulates Waldur's background workers. It runs the timeline of each operation, one task at a time in world time,
 * and the periodic jobs. Nothing else in the embedded world changes by itself.
 */
export class Worker implements Tasks {
  readonly #context: Context;
  readonly #clock: Clock;
  readonly #onTask: (name: string, uuid: Uuid | undefined) => void;
  readonly #running = new Map<Uuid, Running>();
  /** Objects whose state was set from outside. Periodic jobs ignore them until they are used again. */
  readonly #pinned = new Set<Uuid>();

  constructor({ world, clock, cloud, generation, onTask = () => {} }: WorkerOptions) {
    this.#context = { world, cloud, generation, detached: new Map() };
    this.#clock = clock;
    this.#onTask = onTask;
    // A removed object has no tasks. If it reappears with the same uuid, it starts from its new state.
    world.onRemove = (uuid) => {
      this.#forget(uuid);
      this.#pinned.delete(uuid);
    };
  }

  /**
   * Begins anew with the world as it is now: forgets what was under way and arms the periodic jobs.
   * `resume`: objects in transition go on from where they are; else they stay, as where Waldur lost its task queue.
   */
  start({ resume }: { resume: boolean }): void {
    this.#running.clear();
    this.#context.detached.clear();
    this.#pinned.clear();
    this.#clock.clear();
    const { cloud } = this.#context;
    cloud.clear();
    for (const target of this.#targets()) cloud.adopt(target.row);
    if (resume) this.#resumeAll();
    for (const name of Object.keys(JOBS) as JobName[]) this.#schedule(name);
  }

  snapshotCreated(uuid: Uuid): void {
    this.#begin('snapshot', uuid, 'create_snapshot');
  }

  volumeRestored(uuid: Uuid): void {
    this.#begin('volume', uuid, 'restore_volume');
  }

  resourceUpdated(kind: Kind, uuid: Uuid, backend: boolean): void {
    this.#begin(kind, uuid, backend ? `update_${kind}` : 'update_locally');
  }

  resourcePulled(kind: Kind, uuid: Uuid): void {
    this.#begin(kind, uuid, `pull_${kind}`);
  }

  volumeChanged(uuid: Uuid, change: VolumeChange): void {
    const row = this.#context.world.tables.volumes.get(uuid);
    if (row === undefined) return;
    this.#begin('volume', uuid, changeTimeline(change, row));
  }

  snapshotDeleted(uuid: Uuid, wasErred: boolean): void {
    const row = this.#context.world.tables.snapshots.get(uuid);
    if (row === undefined) return;
    if (row.backend_id === null || row.backend_id === '') this.#begin('snapshot', uuid, 'delete_locally');
    else this.#begin('snapshot', uuid, wasErred ? 'force_delete_snapshot' : 'delete_snapshot');
  }

  /** Cancels the operation of an object whose state was set from outside. The state is kept. */
  pin(uuid: Uuid): void {
    this.#forget(uuid);
    this.#pinned.add(uuid);
  }

  /** Whether a task of this object is pending. */
  isBusy(uuid: Uuid): boolean {
    return this.#running.has(uuid);
  }

  /** Runs a periodic job immediately. */
  runJob(name: JobName): void {
    JOBS[name].run({
      ...this.#context,
      now: this.#clock.now(),
      isIdle: (uuid) => !this.#running.has(uuid) && !this.#pinned.has(uuid),
      isFree: (uuid) => !this.#pinned.has(uuid),
      deleteSnapshot: (uuid) => this.snapshotDeleted(uuid, false),
    });
    this.#onTask(JOBS[name].task, undefined);
  }

  #schedule(name: JobName): void {
    this.#clock.after(JOBS[name].everyMs, () => {
      this.#schedule(name);
      this.runJob(name);
    });
  }

  #begin(kind: Kind, uuid: Uuid, timeline: TimelineName, step = 0, extraMs = 0): void {
    this.#forget(uuid);
    this.#pinned.delete(uuid);
    const running: Running = { kind, uuid, timeline, next: step, tries: 0, timer: undefined };
    this.#running.set(uuid, running);
    this.#wait(running, (this.#taskOf(running)?.afterMs ?? 0) + extraMs);
  }

  #forget(uuid: Uuid): void {
    this.#running.get(uuid)?.timer?.cancel();
    this.#running.delete(uuid);
  }

  #wait(running: Running, ms: number): void {
    running.timer = this.#clock.after(ms, () => this.#run(running));
  }

  #taskOf({ timeline, next }: Running): Task | undefined {
    return typeof next === 'number' ? TIMELINES[timeline].steps[next] : TIMELINES[timeline].onError(next);
  }

  #run(running: Running): void {
    const task = this.#taskOf(running);
    const target = this.#find(running.kind, running.uuid);
    if (task === undefined || target === undefined) {
      this.#forget(running.uuid);
      return;
    }
    const failed = typeof running.next !== 'number';
    const outcome = this.#attempt(task, target, running);
    this.#onTask(task.name, running.uuid);
    if (outcome === 'again') {
      this.#wait(running, task.againMs ?? task.afterMs);
      return;
    }
    if (outcome === 'stop' || (failed && outcome === 'done')) {
      this.#forget(running.uuid);
      return;
    }
    running.tries = 0;
    running.next = outcome === 'done' ? Number(running.next) + 1 : outcome;
    const following = this.#taskOf(running);
    if (following === undefined) this.#forget(running.uuid);
    else this.#wait(running, following.afterMs);
  }

  #attempt(task: Task, target: Target, running: Running): 'done' | 'again' | 'stop' | Failure {
    try {
      const outcome = task.run(target, this.#context);
      return outcome === 'again' && ++running.tries >= (task.most ?? 1) ? tooOften(target) : outcome;
    } catch (error) {
      if (error instanceof TaskError) return error.failure;
      throw error;
    }
  }

  #find(kind: Kind, uuid: Uuid): Target | undefined {
    const { snapshots, volumes } = this.#context.world.tables;
    if (kind === 'snapshot') {
      const row = snapshots.get(uuid);
      return row && { kind, row };
    }
    const row = volumes.get(uuid);
    return row && { kind, row };
  }

  *#targets(): Generator<Target> {
    const { snapshots, volumes } = this.#context.world.tables;
    for (const row of volumes.values()) yield { kind: 'volume', row };
    for (const row of snapshots.values()) yield { kind: 'snapshot', row };
  }

  /** Spreads the starts over some seconds, so that objects do not all change at the same time. */
  #resumeAll(): void {
    let extraMs = 0;
    for (const target of this.#targets()) {
      const found = resumption(target);
      if (found === undefined) continue;
      this.#begin(target.kind, target.row.uuid, found.timeline, found.step, extraMs);
      if (target.row.state === 'CREATING' && target.row.backend_id !== null) {
        this.#context.cloud.settle(target.row.backend_id, 'available', extraMs);
      }
      if (target.row.state === 'DELETING' && target.row.backend_id !== null) {
        this.#context.cloud.settle(target.row.backend_id, 'gone', extraMs);
      }
      extraMs += RESUME_SPREAD_MS;
    }
  }
}

const RESUME_SPREAD_MS = 20_000;
