import {
  type ChangeKind,
  movingDelays,
  type PaceScope,
  percentile,
  quietDelays,
  settledCost,
} from '../../test/live/support/pace.ts';
import { atMost, type Figure } from './figures.ts';

/** What docs/live.md promises of a scope of at most so many objects. */
interface Promised {
  readonly rows: number;
  /** Calls a minute of a quiet scope. */
  readonly calls: number;
  /** Seconds within which 95 of 100 changes of each kind are reported. */
  readonly within: Readonly<Record<ChangeKind, number>>;
}

const PROMISED: readonly Promised[] = [
  { rows: 25, calls: 12, within: { state: 12, removal: 12, name: 12 } },
  { rows: 300, calls: 12, within: { state: 12, removal: 12, name: 12 } },
  { rows: 600, calls: 12, within: { state: 12, removal: 12, name: 12 } },
  { rows: 5_000, calls: 25, within: { state: 20, removal: 20, name: 65 } },
];
const MOVING_S = 2.5;
/** Of a scope with a moving object: two pages every 2 s; in a larger one a list of states, and the pages in turn. */
const MOVING_CALLS = 62;
const MINUTES = 10;
const STUCK = 20;
const KINDS: Readonly<Record<ChangeKind, string>> = {
  state: 'a change of state',
  removal: 'a removal',
  name: 'another change',
};

/** How much of the table is measured. */
export interface PromisesOptions {
  /** Sizes of scopes; all by default. */
  readonly rows: readonly number[];
  /** Changes of each kind in each scope. */
  readonly changes: number;
}

/** The promises of docs/live.md with the measured figure beside each, in virtual time over an upstream with real costs. */
export async function measurePromises({ rows, changes }: PromisesOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const promised of PROMISED) {
    if (rows.length > 0 && !rows.includes(promised.rows)) continue;
    figures.push(...(await measureScope(promised, changes)));
  }
  return figures;
}

async function measureScope({ rows, calls, within }: Promised, changes: number): Promise<Figure[]> {
  const name = `${rows.toLocaleString('en')} objects`;
  const figures: Figure[] = [];
  const stuckScope: PaceScope = { rows, stuck: STUCK, subscribers: 20 };
  const quiet = await settledCost({ rows }, MINUTES);
  const stuck = await settledCost(stuckScope, MINUTES);
  figures.push(
    atMost(`${name}, settled: calls a minute`, quiet.perMinute, calls),
    atMost(`${name}, ${STUCK} stuck, 20 subscribers, after 5 minutes: calls a minute`, stuck.perMinute, calls),
  );
  for (const kind of ['state', 'removal', 'name'] as const) {
    // At least half of a small scope remains.
    const { delays } = await quietDelays({ rows }, kind, Math.min(changes, Math.floor(rows / 2)));
    figures.push(...delayFigures(`${name}, quiet: ${KINDS[kind]}`, delays, within[kind]));
  }
  const moving = await movingDelays({ rows: rows - 1, stuck: Math.min(STUCK, rows - 1) }, changes);
  figures.push(
    ...delayFigures(`${name}, one moves beside ${STUCK} stuck: its steps`, moving.delays, MOVING_S),
    atMost(`${name}, one moves beside ${STUCK} stuck: calls a minute`, moving.cost.perMinute, MOVING_CALLS),
  );
  return figures;
}

/** Half of the changes and 95 of 100 are held to the same bound. */
const delayFigures = (what: string, delays: readonly number[], within: number): Figure[] => [
  atMost(`${what}, median`, percentile(delays, 0.5) / 1_000, within, ' s'),
  atMost(`${what}, 95th percentile`, percentile(delays, 0.95) / 1_000, within, ' s'),
];
