import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { tokenOf, useGateway, uuidOf } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';

/** `npm run test:soak` runs 100,000. */
const CYCLES = Number(process.env.FAULT_CYCLES ?? 2_000);
const AT_ONCE = 25;
/** The lines of operations would fill the log that tests keep. */
const logLevel = 'warn';
/** The linger of informers after their last reader, which here need not be half a minute. */
const gateway = useGateway({ maxCallerSubscriptions: 1_000, logLevel }, { live: { lingerMs: 200, retainMs: 400 } });

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const heapKib = (): number => {
  gc();
  gc();
  return process.memoryUsage().heapUsed / 1_024;
};

const QUERY = `subscription { snapshotChanges(filter: { uuid: "${uuidOf.snapshot('rw-target')}" }) { kind uuid } }`;
const WAYS = ['complete', 'close', 'both'] as const;

async function cycle(way: (typeof WAYS)[number]): Promise<void> {
  const socket = await openSocket(gateway().url);
  await socket.init({ Authorization: `Token ${tokenOf('staff')}` });
  socket.send({ id: 's', type: 'subscribe', payload: { query: QUERY } });
  expect((await socket.next()).type).toBe('next');
  if (way !== 'close') socket.send({ id: 's', type: 'complete' });
  socket.close();
  await socket.closed;
}

async function cycles(count: number): Promise<void> {
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => cycle(WAYS[(done + i) % WAYS.length] ?? 'close')));
  }
}

async function gauges(): Promise<Record<string, number>> {
  const text = await (await fetch(`${gateway().url}/metrics`)).text();
  const found = [
    ...text.matchAll(/^waldur_graph_(informers|informers_parked|subscribers|delta_queue_length|sockets) (\d+)$/gm),
  ];
  return Object.fromEntries(found.map(([, name = '', value]) => [name, Number(value)]));
}

const NOTHING = { informers: 0, informers_parked: 0, subscribers: 0, delta_queue_length: 0, sockets: 0 };
const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('case 38: 100,000 connect/subscribe/close cycles', () => {
  it(
    'timers and informers go back to zero, the heap does not grow',
    async () => {
      await cycles(CYCLES / 4);
      await expect.poll(gauges).toEqual(NOTHING);
      const before = { heap: heapKib(), timers: timers() };
      await cycles((CYCLES * 3) / 4);
      await expect.poll(gauges).toEqual(NOTHING);
      const bytes = ((heapKib() - before.heap) * 1_024) / ((CYCLES * 3) / 4);
      console.info(`${CYCLES} cycles: ${bytes.toFixed(0)} bytes each, ${timers() - before.timers} more timers`);
      // What a test runner remembers grows, too; a subscription alone holds five thousand.
      expect(bytes).toBeLessThan(1_000);
      await expect.poll(() => timers() - before.timers).toBeLessThanOrEqual(2);
    },
    CYCLES * 30 + 60_000,
  );
});
