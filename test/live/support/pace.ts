import type { State } from '../../../src/domain/states.ts';
import { seeded } from './clock.ts';
import { ModelLog } from './event-log.ts';
import { Harness } from './harness.ts';

/** A scope as the promises of docs/live.md describe it, in virtual time, over an upstream as slow as a real one. */
export interface PaceScope {
  readonly rows: number;
  /** Objects in a transitional state that never changes. */
  readonly stuck?: number;
  /** Objects that are ERRED from the beginning. */
  readonly erred?: number;
  readonly subscribers?: number;
  readonly seed?: number;
  /** What is wrong with `X-Result-Count`. */
  readonly counts?: 'absent' | 'random' | 'one too many';
}

/** How an object changes behind the gateway's back, without an entry in the event log. */
export type ChangeKind = 'state' | 'removal' | 'name';
/** Changes that the event log names. */
export type LoggedKind = 'logged creation' | 'logged removal';

/** What a real upstream takes for a list (contract 3.6). */
const REQUEST_MS = 20;
const ROW_MS = 0.3;
const PAGE_SIZE = 300;
/** From then on nothing of the start is left: a stuck object is known to be stuck. */
const SETTLED_MS = 5 * 60_000;
/** Longer than any promise: whatever takes longer counts as this. */
const NEVER_MS = 5 * 60_000;

async function open({ rows, stuck = 0, erred = 0, subscribers = 1, seed = 1, counts }: PaceScope) {
  const harness = new Harness({ seed });
  const { world, upstream, clock } = harness;
  for (let at = 0; at < rows; at += 1) {
    // Spread over the list, as the rows of a page are of the same age and not of the same fate.
    const place = (at * 7) % rows;
    world.put(`s${at}`, place < stuck ? 'DELETING' : place < stuck + erred ? 'ERRED' : 'OK', { name: `name ${at}` });
  }
  const chanceOfCounts = seeded(seed + 2);
  if (counts === 'absent') upstream.total = () => undefined;
  if (counts === 'one too many') upstream.total = (listed) => listed + 1;
  if (counts === 'random') upstream.total = (listed) => listed + Math.floor(chanceOfCounts() * 3);
  upstream.latency = () => {
    const call = upstream.calls.at(-1);
    const page = call?.kind === 'page' ? (call.page ?? 1) : 0;
    const listed = page === 0 ? 0 : Math.max(0, Math.min(PAGE_SIZE, world.size - (page - 1) * PAGE_SIZE));
    const half = (REQUEST_MS + ROW_MS * listed) / 2;
    return [half, half];
  };
  const log = new ModelLog(clock);
  const watchers = Array.from({ length: subscribers }, () => harness.watch({ events: log }));
  await clock.until(() => watchers.every(({ kinds }) => kinds.includes('BOOKMARK')));
  const [watcher] = watchers;
  if (watcher === undefined) throw new Error('nobody watches');
  return { harness, log, watcher, chance: seeded(seed + 1) };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** Calls in an average and in the worst minute. */
export interface Cost {
  readonly perMinute: number;
  readonly worstMinute: number;
}

function costSince({ harness: { clock, upstream }, log }: Opened, from: number): Cost {
  const polled = upstream.callsSince(from).map(({ at }) => at);
  const times = [...polled, ...log.calls.filter((at) => at >= from)].sort((a, b) => a - b);
  let worstMinute = 0;
  let first = 0;
  times.forEach((at, index) => {
    while ((times[first] ?? at) <= at - 60_000) first += 1;
    worstMinute = Math.max(worstMinute, index - first + 1);
  });
  return { perMinute: times.length / ((clock.now() - from) / 60_000), worstMinute };
}

/** The cost of a scope in which nothing changes, from five minutes after the start. */
export async function settledCost(scope: PaceScope, minutes: number): Promise<Cost> {
  const opened = await open(scope);
  const { harness } = opened;
  await harness.clock.advance(SETTLED_MS);
  const from = harness.clock.now();
  await harness.clock.advance(minutes * 60_000);
  const cost = costSince(opened, from);
  await harness.live.close();
  return cost;
}

/** Changes a settled object of the scope, and waits for the event. @returns how long it took. */
async function changeOne({ harness, log, watcher, chance }: Opened, kind: ChangeKind | LoggedKind): Promise<number> {
  const { world, clock } = harness;
  const settled = world.rows().filter(({ state }) => state === 'OK' || state === 'ERRED');
  const row = settled[Math.floor(chance() * settled.length)];
  if (row === undefined) throw new Error('nothing is settled');
  watcher.clear();
  const from = clock.now();
  const uuid = kind === 'logged creation' ? `new at ${from}` : row.uuid;
  if (kind === 'logged creation') log.write(uuid, 'resource_creation_scheduled');
  if (kind === 'logged removal') log.write(uuid, 'resource_deletion_succeeded');
  if (kind === 'logged creation') world.put(uuid, 'OK');
  else if (kind === 'removal' || kind === 'logged removal') world.delete(uuid);
  else if (kind === 'name') world.put(row.uuid, row.state, { name: `another at ${from}` });
  else world.put(row.uuid, row.state === 'OK' ? 'ERRED' : 'OK');
  await clock.until(() => watcher.of(uuid).length > 0, NEVER_MS).catch(() => {});
  return clock.now() - from;
}

/** How long changes of a quiet scope take: each at a random time, of a random object. */
export async function quietDelays(
  scope: PaceScope,
  kind: ChangeKind | LoggedKind,
  changes: number,
): Promise<{ readonly delays: readonly number[]; readonly cost: Cost }> {
  const opened = await open(scope);
  const { clock } = opened.harness;
  await clock.advance(SETTLED_MS);
  const from = clock.now();
  const delays: number[] = [];
  for (let at = 0; at < changes; at += 1) {
    await clock.advance(60_000 + opened.chance() * 60_000);
    delays.push(await changeOne(opened, kind));
  }
  const cost = costSince(opened, from);
  await opened.harness.live.close();
  return { delays, cost };
}

const STEPS: readonly State[] = ['UPDATE_SCHEDULED', 'UPDATING', 'DELETION_SCHEDULED', 'DELETING'];

/** How long the changes of one moving object take, and what it costs while it moves. */
export async function movingDelays(
  scope: PaceScope,
  changes: number,
): Promise<{ readonly delays: readonly number[]; readonly cost: Cost }> {
  const opened = await open(scope);
  const { harness, watcher, chance } = opened;
  const { clock, world } = harness;
  world.put('mover', 'CREATING');
  await clock.advance(SETTLED_MS);
  world.put('mover', 'CREATION_SCHEDULED');
  await clock.until(() => watcher.last?.state === 'CREATION_SCHEDULED', NEVER_MS);
  const from = clock.now();
  const delays: number[] = [];
  for (let at = 0; at < changes; at += 1) {
    await clock.advance(5_000 + chance() * 60_000);
    const state = STEPS[at % STEPS.length] ?? 'UPDATING';
    world.put('mover', state);
    const changedAt = clock.now();
    await clock.until(() => watcher.last?.state === state, NEVER_MS);
    delays.push(clock.now() - changedAt);
  }
  const cost = costSince(opened, from);
  await harness.live.close();
  return { delays, cost };
}

/** The value that so many of all values do not exceed; `share` from 0 to 1. */
export const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;
