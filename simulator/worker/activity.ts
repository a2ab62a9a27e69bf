import type { Clock } from '../clock.ts';
import type { Snapshot, Tasks } from '../model.ts';
import type { Random } from '../seed/random.ts';
import type { World } from '../world.ts';

export interface ActivityOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly tasks: Pick<Tasks, 'resourcePulled' | 'resourceUpdated'>;
  readonly random: Random;
}

/** Real time between two actions, in ms. */
const SHORTEST_PAUSE_MS = 2_500;
const LONGEST_PAUSE_MS = 4_500;
/** The oldest snapshots of each tenant stay as they are: examples and tests of applications use them. */
const UNTOUCHED = 24;

const NOTES = [
  'Kept for the audit',
  'Before the upgrade',
  'Nightly',
  'Checked by operations',
  'Can be deleted after the release',
] as const;

/**
 * Other people at work in the made-up world, so that a subscription shows events soon: now and then somebody pulls a snapshot or changes its
 * description. No object is created or deleted, so the numbers of objects stay the same. The same seed gives the same actions.
 */
export class Activity {
  readonly #options: ActivityOptions;

  constructor(options: ActivityOptions) {
    this.#options = options;
  }

  /** Begins. Removing the timers of the clock ends it. */
  start(): void {
    const { clock, random } = this.#options;
    // The scale shortens waits of Waldur. People do not work faster.
    clock.after(random.int(SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS) * clock.scale, () => {
      this.#act();
      this.start();
    });
  }

  #act(): void {
    const { world, tasks, random } = this.#options;
    const candidates = this.#candidates();
    if (candidates.length === 0) return;
    const row = random.pick(candidates);
    const description = random.pick(NOTES);
    if (random.chance(0.6) || description === row.description) {
      world.update(row, { state: 'UPDATE_SCHEDULED', action: 'Pull', action_details: {}, error_message: '' });
      world.touch(row);
      tasks.resourcePulled('snapshot', row.uuid);
    } else {
      world.update(row, { state: 'UPDATE_SCHEDULED', description });
      world.touch(row);
      tasks.resourceUpdated('snapshot', row.uuid, true);
    }
  }

  #candidates(): Snapshot[] {
    const seen = new Map<string, number>();
    const rows = [...this.#options.world.tables.snapshots.values()].sort((a, b) => a.seq - b.seq);
    return rows.filter(({ tenant_uuid, state }) => {
      const rank = seen.get(tenant_uuid) ?? 0;
      seen.set(tenant_uuid, rank + 1);
      return rank >= UNTOUCHED && state === 'OK';
    });
  }
}
