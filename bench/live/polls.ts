import { COLUMN_COSTS } from '../../src/graph/fields/index.ts';
import { Harness } from '../../test/live/support/harness.ts';
import type { Call } from '../../test/live/support/world.ts';
import { atMost, type Figure } from './figures.ts';

const MINUTES = 60;
const LINGER_MS = 31_000;
const PAGE_SIZE = 300;
/** Of a real server, for any request (contract 3.6). */
const REQUEST_MS = 20;

const COLUMNS = ['uuid', 'name', 'state'];
/** Fields that a real server looks up for each row. */
const RELATIONS = [...COLUMNS, 'restorations', 'source_volume_name', 'project_name'];

interface Scope {
  readonly rows: number;
  readonly subscribers: number;
  readonly fields: readonly string[];
  /** Calls a minute. */
  readonly most: number;
}

const SCOPES: readonly Scope[] = [
  { rows: 500, subscribers: 1, fields: COLUMNS, most: 12 },
  { rows: 500, subscribers: 500, fields: COLUMNS, most: 12 },
  { rows: 500, subscribers: 1, fields: RELATIONS, most: 12 },
  { rows: 5_000, subscribers: 1, fields: COLUMNS, most: 25 },
  { rows: 5_000, subscribers: 100, fields: COLUMNS, most: 25 },
  { rows: 5_000, subscribers: 1, fields: RELATIONS, most: 25 },
];

/** What watching settled snapshots costs, an hour of it in virtual time, with the engine as it is and a server as slow as a real one. */
export async function measurePolls(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const scope of SCOPES) figures.push(...(await measureScope(scope)));
  return figures;
}

async function measureScope({ rows, subscribers, fields, most }: Scope): Promise<Figure[]> {
  const harness = new Harness({ rows });
  const { clock, upstream } = harness;
  upstream.latency = () => {
    const call = upstream.calls.at(-1);
    const half = call === undefined ? 0 : callMs(call, rows) / 2;
    return [half, half];
  };
  const watchers = Array.from({ length: subscribers }, () => harness.watch({ fields: new Set(fields) }));
  await clock.until(() => watchers.every(({ kinds }) => kinds.includes('BOOKMARK')));
  const from = clock.now();
  await clock.advance(MINUTES * 60_000);
  const calls = upstream.callsSince(from);
  const busyMs = calls.reduce((sum, call) => sum + callMs(call, rows), 0);

  await Promise.all(watchers.map((watcher) => watcher.stop()));
  await clock.advance(LINGER_MS);
  const left = clock.now();
  await clock.advance(MINUTES * 60_000);

  const what = `${rows.toLocaleString('en')} settled snapshots, ${subscribers} subscriber${subscribers === 1 ? '' : 's'}${fields === RELATIONS ? ' who select relations' : ''}`;
  return [
    atMost(`${what}: upstream calls a minute`, calls.length / MINUTES, most),
    atMost(`${what}: calls of a tick that is no relist`, mostTogether(calls), 1),
    atMost(`${what}: part of the caller's upstream time, at real costs`, (100 * busyMs) / (MINUTES * 60_000), 5, ' %'),
    atMost(`${what}: calls later than 30 s after the last one left`, upstream.callsSince(left).length, 0),
  ];
}

/** What a real server would take for a call about settled rows. */
function callMs({ kind, page = 1, fields }: Call, rows: number): number {
  switch (kind) {
    case 'page':
      return REQUEST_MS + COLUMN_COSTS.rowMs(fields) * Math.max(0, Math.min(PAGE_SIZE, rows - (page - 1) * PAGE_SIZE));
    case 'count':
    case 'states':
      // Of settled rows none is in a transitional state.
      return REQUEST_MS;
    case 'get':
      return REQUEST_MS + COLUMN_COSTS.rowMs(fields);
  }
}

/** The most calls, pages of relists left out, within the shortest time between two ticks. */
function mostTogether(calls: readonly Call[]): number {
  const times = calls.filter(({ kind }) => kind !== 'page').map(({ at }) => at);
  return Math.max(
    0,
    ...times.map((start) => times.filter((at) => at >= start && at < start + SHORTEST_TICK_MS).length),
  );
}
/** An idle tick of 10.6 s with 5 % of jitter. */
const SHORTEST_TICK_MS = 10_070;
