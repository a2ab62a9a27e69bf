import type WebSocket from 'ws';
import { quantile } from '../lib/statistics.ts';
import { connect, subscribe } from './clients.ts';
import { atMost, type Figure } from './figures.ts';
import { startGateway, startWorld, type World } from './servers.ts';

const SAMPLES = 40;
const DOCUMENT = 'subscription { snapshotChanges { kind uuid state snapshot { uuid name } } }';

/** From a change to the message about it, over real sockets and in real time. */
export async function measureLatency(): Promise<Figure[]> {
  const world = await startWorld();
  const gateway = await startGateway(world);
  try {
    // Something is always under way, so the scope is polled as it is while people work.
    await world.patch(world.uuids[0] ?? '', { state: 'UPDATING' });
    const socket = await connect(gateway.port, world.token);
    const watcher = new Watcher(socket);
    subscribe(socket, 'watch', DOCUMENT, {});
    await watcher.hear('"BOOKMARK"');
    const outside: number[] = [];
    for (let i = 0; i < SAMPLES; i++) {
      // People know nothing of polls: at any time between two of them, not always just after one.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2_500));
      const name = `outside-${i}`;
      outside.push(await timed(watcher, name, () => world.patch(world.uuids[1 + (i % 10)] ?? '', { name })));
    }
    const own: number[] = [];
    for (let i = 0; i < SAMPLES; i++) {
      const name = `own-${i}`;
      own.push(await timed(watcher, name, () => rename(world, gateway.port, world.uuids[5 + i] ?? '', name)));
    }
    socket.terminate();
    console.log(
      `  latency, median: outside ${quantile(outside, 0.5).toFixed(0)} ms, own ${quantile(own, 0.5).toFixed(0)} ms`,
    );
    return [
      atMost('a change made outside, to the subscriber, 95th percentile', quantile(outside, 0.95) / 1000, 2.5, ' s'),
      atMost('our own mutation, to the subscriber, 95th percentile', quantile(own, 0.95) / 1000, 1, ' s'),
    ];
  } finally {
    await Promise.all([gateway.stop(), world.simulator.stop()]);
  }
}

async function timed(watcher: Watcher, name: string, change: () => Promise<void>): Promise<number> {
  const heard = watcher.hear(`"${name}"`);
  const began = performance.now();
  await change();
  await heard;
  return performance.now() - began;
}

async function rename(world: World, port: number, uuid: string, name: string): Promise<void> {
  const query = 'mutation ($input: UpdateSnapshotInput!) { updateSnapshot(input: $input) { userErrors { message } } }';
  await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${world.token}` },
    body: JSON.stringify({ query, variables: { input: { uuid, name } } }),
  });
}

/** Waits for messages that hold a text. */
class Watcher {
  #text = '';
  #heard: () => void = () => {};

  constructor(socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      if (this.#text !== '' && data.includes(this.#text)) this.#heard();
    });
  }

  hear(text: string): Promise<void> {
    this.#text = text;
    return new Promise((resolve) => {
      this.#heard = resolve;
    });
  }
}
