import type WebSocket from 'ws';
import { median } from '../lib/statistics.ts';
import { CHANGES, Counter, connectAll, subscribe } from './clients.ts';
import { atMost, type Figure } from './figures.ts';
import { startGateway, startPeer, startWorld } from './servers.ts';

const SOCKETS = 50;
const EACH = 100;
const ROUNDS = 7;

/** One event to 5,000 subscribers with the same document: how long until the last has it, ours against plain graphql-ws. */
export async function measureFanout(): Promise<Figure[]> {
  const world = await startWorld();
  const [gateway, peer] = [await startGateway(world), await startPeer()];
  const [uuid = ''] = world.uuids;
  try {
    const ours = await connectAll(SOCKETS, gateway.port, world.token);
    const theirs = await connectAll(SOCKETS, peer.port, world.token);
    const counters = { ours: new Counter(ours), theirs: new Counter(theirs) };
    const booked = counters.ours.wait('"BOOKMARK"', SOCKETS * EACH);
    subscribeAll(ours, CHANGES, uuid);
    await booked;
    // The scalar of the peer's schema has another name.
    subscribeAll(theirs, CHANGES.replace('UUID!', 'ID!'), uuid);
    await new Promise((resolve) => setTimeout(resolve, 2_000));

    const times = { ours: [] as number[], theirs: [] as number[] };
    const round = async (i: number): Promise<void> => {
      const first = `first-${i}`;
      const settled = counters.ours.wait(first, SOCKETS * EACH);
      await world.patch(uuid, { name: first, state: 'OK' });
      await settled;

      const second = `second-${i}`;
      const delivered = counters.ours.wait(second, SOCKETS * EACH);
      const began = performance.now();
      await rename(gateway.port, world.token, uuid, second);
      await delivered;
      times.ours.push(performance.now() - began);

      const third = `third-${i}`;
      const published = counters.theirs.wait(third, SOCKETS * EACH);
      const beganThere = performance.now();
      await fetch(`http://127.0.0.1:${peer.port}/?name=${third}`);
      await published;
      times.theirs.push(performance.now() - beganThere);
    };
    for (let i = 0; i < ROUNDS; i++) await round(i);
    const ratios = times.ours.slice(1).map((ms, i) => ms / (times.theirs[i + 1] ?? Number.NaN));
    console.log(
      `  last of 5,000: ours, with the mutation that makes it, ${median(times.ours).toFixed(0)} ms, graphql-ws ${median(times.theirs).toFixed(0)} ms`,
    );
    for (const socket of [...ours, ...theirs]) socket.terminate();
    return [atMost("one event to 5,000 subscribers, last delivery, of plain graphql-ws's time", median(ratios), 0.5)];
  } finally {
    await Promise.all([gateway.stop(), peer.stop(), world.simulator.stop()]);
  }
}

function subscribeAll(sockets: readonly WebSocket[], query: string, uuid: string): void {
  for (const socket of sockets) for (let i = 0; i < EACH; i++) subscribe(socket, `s${i}`, query, { uuid });
}

async function rename(port: number, token: string, uuid: string, name: string): Promise<void> {
  const query = 'mutation ($input: UpdateSnapshotInput!) { updateSnapshot(input: $input) { userErrors { message } } }';
  const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
    body: JSON.stringify({ query, variables: { input: { uuid, name } } }),
  });
  const { data } = (await answer.json()) as { data?: { updateSnapshot?: { userErrors: unknown[] } } };
  if (data?.updateSnapshot?.userErrors.length !== 0) throw new Error('the snapshot could not be renamed');
}
