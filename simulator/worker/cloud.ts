import type { Json, JsonObject, Snapshot, Volume, VolumeChange, WorldClock } from '../model.ts';
import { hyphenated, type Random } from '../seed/random.ts';

export type Kind = 'snapshot' | 'volume';

/** Operations of the cloud. Each can be made to fail. `finish_*`: an accepted creation ends in `error`. */
export const OPERATIONS = [
  'create_snapshot',
  'create_volume',
  'finish_snapshot',
  'finish_volume',
  'update_snapshot',
  'update_volume',
  'delete_snapshot',
  'pull_snapshot',
  'pull_volume',
  'remove_bootable_flag',
  'attach_volume',
  'detach_volume',
  'extend_volume',
  'retype_volume',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** An error of OpenStack: an HTTP status and a message. */
export class CloudError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A snapshot or a volume as Cinder knows it. */
export interface CloudObject {
  name: string;
  description: string;
  /** MiB, though the real one counts GiB. */
  size: number;
  metadata: JsonObject;
  status: string;
  bootable: boolean;
  /** Where an instance finds it; empty for a snapshot and for a volume that is not attached. */
  device: string;
  /** Waldur's uuid of the volume that a snapshot was made from. */
  sourceVolume: string | null;
}

interface Stored extends CloudObject {
  /** The next status. `gone`: Cinder responds with 404 from then on. */
  next?: { at: number; status: string | 'gone' };
}

/** Durations in the cloud, in world milliseconds. The defaults are shorter than Waldur's first poll. */
export interface Pace {
  snapshot: number;
  volume: number;
  deletion: number;
  /** Attach, detach, extend and retype. */
  change: number;
}

export const USUAL_PACE: Pace = { snapshot: 6_000, volume: 25_000, deletion: 3_000, change: 4_000 };

/** The status of a volume in Cinder's terms while it changes. */
const DURING: Readonly<Record<VolumeChange, string>> = {
  attach: 'attaching',
  detach: 'detaching',
  extend: 'extending',
  retype: 'retyping',
};

/** Its status afterwards; that of before when absent. */
const AFTER: Readonly<Partial<Record<VolumeChange, string>>> = { attach: 'in-use', detach: 'available' };

interface Failure {
  operation: Operation;
  /** Waldur's uuid of the object; every object when absent. */
  uuid?: string | undefined;
  error: CloudError;
  left: number;
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Waldur's rows by which it knows a missing object; the cloud does not have those. */
export const MISSING_MESSAGE = 'Does not exist at backend.';

/**
 * A simulated OpenStack: its objects, their state changes, and its errors. Waldur's rows and these
 * objects can differ, as in reality: metadata written to Waldur does not arrive here, and neither does a failed rename.
 */
export class Cloud {
  pace: Pace = USUAL_PACE;
  #objects = new Map<string, Stored>();
  #failures: Failure[] = [];
  readonly #clock: WorldClock;
  readonly #random: Random;

  constructor(clock: WorldClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Removes all objects and failures. */
  clear(): void {
    this.#objects.clear();
    this.#failures = [];
    this.pace = USUAL_PACE;
  }

  /** Updates the cloud from a row of Waldur, after a world was loaded or changed from outside. */
  adopt(row: Snapshot | Volume): void {
    if (row.backend_id === null || row.backend_id === '') return;
    if (row.state === 'ERRED' && row.error_message === MISSING_MESSAGE) {
      this.#objects.delete(row.backend_id);
      return;
    }
    const next = this.#objects.get(row.backend_id)?.next;
    this.#objects.set(row.backend_id, {
      name: row.name,
      description: row.description,
      size: row.size,
      metadata: isObject(row.metadata) ? row.metadata : {},
      status: row.runtime_state || 'available',
      bootable: 'bootable' in row && row.bootable,
      device: 'device' in row ? row.device : '',
      sourceVolume: 'source_volume_uuid' in row ? row.source_volume_uuid : null,
      // A pending status change is kept.
      ...(next === undefined ? {} : { next }),
    });
  }

  /** The object, or undefined if Cinder responds with 404. */
  get(id: string | null): CloudObject | undefined {
    const object = id === null ? undefined : this.#objects.get(id);
    if (id === null || object?.next === undefined || object.next.at > this.#clock.progress()) return object;
    if (object.next.status === 'gone') {
      this.#objects.delete(id);
      return undefined;
    }
    object.status = object.next.status;
    delete object.next;
    return object;
  }

  /** Removes an object without telling Waldur. */
  drop(id: string): void {
    this.#objects.delete(id);
  }

  /** Changes the status of an object after a wait of `ms`. */
  settle(id: string, status: string | 'gone', ms: number): void {
    const object = this.#objects.get(id);
    if (object !== undefined) object.next = { at: this.#clock.progress() + ms, status };
  }

  /** Creates an object and returns its id. @throws CloudError if the operation was set to fail. */
  create(kind: Kind, row: Snapshot | Volume): string {
    this.check(`create_${kind}`, row.uuid);
    const id = hyphenated(this.#random.uuid());
    const fails = this.#take(`finish_${kind}`, row.uuid) !== undefined;
    this.#objects.set(id, {
      name: row.name,
      description: row.description,
      size: row.size,
      metadata: {},
      status: 'creating',
      // Cinder marks a volume made from a snapshot as bootable; Waldur takes the flag off again.
      bootable: kind === 'volume',
      device: '',
      sourceVolume: 'source_volume_uuid' in row ? row.source_volume_uuid : null,
    });
    this.settle(id, fails ? 'error' : 'available', this.pace[kind]);
    return id;
  }

  /** Starts a deletion. A missing object counts as deleted. @throws CloudError if the operation was set to fail. */
  delete(row: Snapshot): void {
    this.check('delete_snapshot', row.uuid);
    const object = this.get(row.backend_id);
    if (object === undefined || row.backend_id === null) return;
    object.status = 'deleting';
    this.settle(row.backend_id, 'gone', this.pace.deletion);
  }

  /**
   * Starts a change of a volume: its status is the change's until it ends.
   * @param device where an instance finds it once it is attached.
   * @returns false for a volume that the cloud does not have.
   * @throws CloudError if the operation was set to fail.
   */
  change(change: VolumeChange, row: Volume, device: string): boolean {
    this.check(`${change}_volume`, row.uuid);
    const object = this.get(row.backend_id);
    if (object === undefined || row.backend_id === null) return false;
    const after = AFTER[change] ?? object.status;
    object.status = DURING[change];
    object.size = row.size;
    if (change === 'attach') object.device ||= device;
    if (change === 'detach') object.device = '';
    this.settle(row.backend_id, after, this.pace.change);
    return true;
  }

  /** Makes an operation fail, for one object or all, `times` times or permanently. */
  fail(operation: Operation, error: CloudError, { uuid, times }: { uuid?: string; times?: number } = {}): void {
    this.#failures.push({ operation, uuid, error, left: times ?? Number.POSITIVE_INFINITY });
  }

  clearFailures(): void {
    this.#failures = [];
  }

  /** @throws CloudError if this operation was set to fail. */
  check(operation: Operation, uuid: string): void {
    const error = this.#take(operation, uuid);
    if (error !== undefined) throw error;
  }

  #take(operation: Operation, uuid: string): CloudError | undefined {
    const failure = this.#failures.find((one) => one.operation === operation && (one.uuid ?? uuid) === uuid);
    if (failure === undefined) return undefined;
    if (--failure.left === 0) this.#failures = this.#failures.filter((one) => one !== failure);
    return failure.error;
  }
}
