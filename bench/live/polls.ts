import { rowMs } from '../../src/resources/costs.ts';
import { Harness } from '../../test/live/support/harness.ts';
import { atMost, type Figure } from './figures.ts';

const MINUTES = 30;
const LINGER_MS = 31_000;
/** Of a real server, for any request (contract 3.6). */
const REQUEST_MS = 20;

/** What watching settled snapshots costs, half an hour of it in virtual time, with the engine as it is. */
export async function measurePolls(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { rows, subscribers, most } of [
    { rows: 500, subscribers: 1, most: 12 },
    { rows: 500, subscribers: 500, most: 12 },
    { rows: 5_000, subscribers: 1, most: 25 },
    { rows: 5_000, subscribers: 100, most: 25 },
  ]) {
    const harness = new Harness({ rows });
    const watchers = Array.from({ length: subscribers }, () => harness.watch());
    await harness.clock.until(() => watchers.every(({ kinds }) => kinds.includes('BOOKMARK')));
    const from = harness.clock.now();
    let upstreamMs = 0;
    harness.upstream.distort = (list) => {
      upstreamMs += REQUEST_MS + rowMs(['uuid']) * list.length;
      return list;
    };
    await harness.clock.advance(MINUTES * 60_000);
    const name = `${rows.toLocaleString('en')} settled snapshots, ${subscribers} subscriber${subscribers === 1 ? '' : 's'}`;
    figures.push(
      atMost(`${name}: upstream calls a minute`, harness.upstream.callsSince(from).length / MINUTES, most),
      atMost(
        `${name}: part of the caller's upstream time, at real costs`,
        (100 * upstreamMs) / (MINUTES * 60_000),
        5,
        ' %',
      ),
    );
    await Promise.all(watchers.map((watcher) => watcher.stop()));
    await harness.clock.advance(LINGER_MS);
    const left = harness.clock.now();
    await harness.clock.advance(MINUTES * 60_000);
    figures.push(
      atMost(`${name}: calls later than 30 s after the last one left`, harness.upstream.callsSince(left).length, 0),
    );
  }
  return figures;
}
