import type { State } from '../../../src/domain/states.ts';
import type { VirtualClock } from './clock.ts';
import type { Sight } from './reader.ts';
import type { World, WorldRow } from './world.ts';

interface Moment {
  readonly at: number;
  /** null: the object did not exist. */
  readonly row: WorldRow | null;
}

/** An answer may have been read upstream so long before it came. */
const LONGEST_ANSWER_MS = 6_000;

/** Whether a row, or its absence, is within a reader's sight. */
export const isInside = (row: WorldRow | null, { tag, states }: Sight): boolean =>
  row !== null && (tag === null || row.fields.tag === tag) && (states === null || states.includes(row.state));

/** Everything that was ever true of each object, to judge events by. */
export class History {
  readonly #clock: VirtualClock;
  readonly #moments = new Map<string, Moment[]>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** To be called after each change of the world. */
  note(world: World, uuid: string): void {
    const moments = this.#moments.get(uuid) ?? [{ at: 0, row: null }];
    moments.push({ at: this.#clock.wallNow(), row: world.get(uuid) ?? null });
    this.#moments.set(uuid, moments);
  }

  /** The version just before the present one, if the object has existed since. */
  earlier(uuid: string): WorldRow | null {
    return this.#moments.get(uuid)?.at(-2)?.row ?? null;
  }

  wasIn(uuid: string, state: State): boolean {
    return (this.#moments.get(uuid) ?? []).some(({ row }) => row?.state === state);
  }

  /** True when the object was outside the sight at some time in the span. */
  wasOutside(uuid: string, sight: Sight, from: number, to: number): boolean {
    const moments = this.#moments.get(uuid) ?? [];
    return moments.some(({ at, row }, index) => {
      const until = moments[index + 1]?.at ?? Number.POSITIVE_INFINITY;
      return !isInside(row, sight) && at <= to && until >= from - LONGEST_ANSWER_MS;
    });
  }
}
