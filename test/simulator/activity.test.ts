import { describe, expect, it } from 'vitest';
import { startSimulator } from '../../simulator/server.ts';
import { at, useGateway } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';

const MINUTE = 60_000;

/** What a minute of activity does to the made-up world: the description and `modified` of each snapshot. */
async function afterMinutes(minutes: number, options: Parameters<typeof startSimulator>[0]) {
  const simulator = await startSimulator({ frozen: true, scale: 6, ...options });
  const rows = () =>
    [...simulator.world.tables.snapshots.values()].map(({ uuid, seq, tenant_uuid, description, state, modified }) => {
      return { uuid, seq, tenant_uuid, description, state, modified };
    });
  const before = rows();
  simulator.clock.advance(minutes * MINUTE * 6);
  const after = rows();
  await simulator.close();
  return { before, after };
}

/** Snapshots whose row is another one now, by uuid. */
const changed = ({ before, after }: Awaited<ReturnType<typeof afterMinutes>>): string[] => {
  const earlier = new Map(before.map((row) => [row.uuid, JSON.stringify(row)]));
  return after.filter((row) => earlier.get(row.uuid) !== JSON.stringify(row)).map(({ uuid }) => uuid);
};

describe('the activity of the made-up world', () => {
  it('changes snapshots all the time, the same ones for the same seed, and leaves their number alone', async () => {
    const off = await afterMinutes(2, { activity: false });
    const on = await afterMinutes(2, { activity: true });
    const again = await afterMinutes(2, { activity: true });
    expect(changed(on).length).toBeGreaterThan(changed(off).length + 20);
    expect(changed(again)).toEqual(changed(on));
    expect(on.after.length).toBe(off.after.length);
  });

  it('leaves the oldest snapshots of each tenant alone, which examples use', async () => {
    const on = await afterMinutes(5, { activity: true });
    const touched = new Set(changed(on));
    const oldest = new Map<string, number>();
    for (const { uuid, tenant_uuid } of on.before.sort((a, b) => a.seq - b.seq)) {
      const rank = oldest.get(tenant_uuid) ?? 0;
      oldest.set(tenant_uuid, rank + 1);
      if (rank < 10) expect(touched.has(uuid)).toBe(false);
    }
  });

  it('starts again with the world after a reset, and not in a dataset', async () => {
    const simulator = await startSimulator({ frozen: true, scale: 1, snapshots: 60, activity: true });
    const moving = () =>
      [...simulator.world.tables.snapshots.values()].filter(({ state }) => /UPDAT/.test(state)).length;
    const busiest = (): number => {
      let most = 0;
      for (let second = 0; second < 60; second += 1) {
        simulator.clock.advance(1_000);
        most = Math.max(most, moving());
      }
      return most;
    };
    simulator.reset();
    simulator.clock.advance(10 * MINUTE);
    expect(busiest()).toBeGreaterThan(0);
    const snapshots = [...simulator.world.tables.snapshots.values()].map((row) => ({ ...row, state: 'OK' }));
    const dataset = Object.fromEntries(
      Object.entries(simulator.world.tables).map(([name, table]) => [name, [...table.values()]]),
    );
    simulator.loadDataset({ ...dataset, snapshots } as unknown as Parameters<typeof simulator.loadDataset>[0]);
    expect(busiest()).toBe(0);
    await simulator.close();
  });
});

describe('a subscriber of the embedded world', () => {
  const gateway = useGateway({}, { simulator: { activity: true } }, 'made-up');

  it('sees life within ten seconds, and no time in the future', async () => {
    const token = gateway()
      .simulator.tokens()
      .find(({ username }) => username === 'owner')?.token;
    const socket = await openSocket(gateway().url);
    await socket.init({ Authorization: `Token ${token}` });
    const query = 'subscription { snapshotChanges { kind snapshot { modified } } }';
    socket.send({ id: '1', type: 'subscribe', payload: { query } });
    let from = Number.POSITIVE_INFINITY;
    for (;;) {
      const event = at((await socket.next()).payload, 'data', 'snapshotChanges');
      const kind = at(event, 'kind');
      if (kind === 'BOOKMARK' && from === Number.POSITIVE_INFINITY) from = performance.now();
      if (kind !== 'STATE_CHANGED' && kind !== 'UPDATED') continue;
      expect(performance.now() - from).toBeLessThan(10_000);
      expect(Date.parse(String(at(event, 'snapshot', 'modified')))).toBeLessThanOrEqual(Date.now() + 1_000);
      break;
    }
    socket.close();
  });
});
