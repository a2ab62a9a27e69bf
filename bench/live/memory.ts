import { CHANGES, Counter, connectAll, subscribe } from './clients.ts';
import { atMost, type Figure } from './figures.ts';
import { startGateway, startWorld } from './servers.ts';

const SOCKETS = 2_000;
const EACH = 5;
const STEP = 250;

/** 10,000 subscriptions that live: resident memory for each socket with its five, above the idle gateway's. */
export async function measureMemory(): Promise<Figure[]> {
  const world = await startWorld();
  const gateway = await startGateway(world);
  const memory = async () => (await gateway.ask('memory')) as { residentKib: number; heapKib: number };
  try {
    // What is loaded and compiled at the first use is no socket's.
    const first = await connectAll(20, gateway.port, world.token);
    const warm = new Counter(first).wait('"BOOKMARK"', 20 * EACH);
    subscribeEach(first, world.uuids);
    await warm;
    const idle = await memory();
    const sockets: Awaited<ReturnType<typeof connectAll>> = [];
    let full = idle;
    // They come in steps, as they do in life: what connecting them costs for a moment is no cost of having them.
    while (sockets.length < SOCKETS) {
      const some = await connectAll(STEP, gateway.port, world.token);
      const live = new Counter(some).wait('"BOOKMARK"', STEP * EACH);
      subscribeEach(some, world.uuids);
      await live;
      sockets.push(...some);
      full = await memory();
    }
    const counter = new Counter(sockets);
    // They must be alive to count: each hears of a change.
    const heard = counter.wait('heard-by-all', SOCKETS);
    await world.patch(world.uuids[0] ?? '', { name: 'heard-by-all' });
    await heard;
    for (const socket of [...first, ...sockets]) socket.terminate();
    const each = (full.residentKib - idle.residentKib) / SOCKETS;
    console.log(
      `  10,000 subscriptions: ${each.toFixed(1)} KiB a socket (heap ${((full.heapKib - idle.heapKib) / SOCKETS).toFixed(1)})`,
    );
    return [
      atMost('10,000 live subscriptions (2,000 sockets x 5): resident memory a socket above idle', each, 35, ' KiB'),
    ];
  } finally {
    await Promise.all([gateway.stop(), world.simulator.stop()]);
  }
}

function subscribeEach(sockets: Awaited<ReturnType<typeof connectAll>>, uuids: readonly string[]): void {
  for (const socket of sockets) {
    for (let i = 0; i < EACH; i++) subscribe(socket, `s${i}`, CHANGES, { uuid: uuids[i] });
  }
}
