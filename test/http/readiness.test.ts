import { afterEach, describe, expect, it } from 'vitest';
import { at, type JsonValue, type Running, startGateway } from '../support/gateway.ts';

let time = 1_000;
let running: Running | undefined;
afterEach(() => running?.gateway.close());

const start = async (): Promise<Running> => {
  running = await startGateway({ upstreamAttemptTimeoutMs: 500 }, { now: () => time });
  return running;
};
const ready = async ({ url }: Running) => (await fetch(`${url}/health/ready`)).status;
const outagesIn = ({ log }: Running) =>
  log.map((line) => at(JSON.parse(line) as JsonValue, 'msg')).filter((message) => /reached/.test(String(message)));
const query = ({ query: send }: Running, n: number) => send(`{ volumes(filter: { name: "v${n}" }) { totalCount } }`);

describe('/health/ready', () => {
  it.each([
    ['answers 500', { status: 500 }],
    ['answers 503', { status: 503 }],
    ['resets connections', { reset: true }],
  ])('is 503 while Waldur %s, and the log says so once, and once when it is over', async (_, fault) => {
    const one = await start();
    expect(await ready(one)).toBe(200);
    one.simulator.faults.add(fault);
    for (let n = 0; n < 30; n += 1) {
      await query(one, n);
      time += 2_500;
    }
    expect(await ready(one)).toBe(503);
    expect(outagesIn(one)).toEqual(['Waldur cannot be reached']);
    one.simulator.faults.clear();
    time += 10_000;
    expect((await query(one, 0)).errors).toBeUndefined();
    expect(await ready(one)).toBe(200);
    expect(outagesIn(one)).toEqual(['Waldur cannot be reached', 'Waldur can be reached again']);
  });

  it('is 503 while the calls of callers fail although the index of the API is answered', async () => {
    const one = await start();
    one.simulator.faults.add({ path: '/api/openstack-', status: 500 });
    for (let n = 0; n < 5; n += 1) await query(one, n);
    expect(await ready(one)).toBe(503);
    // Without further failures a probe decides.
    time += 10_000;
    expect(await ready(one)).toBe(200);
  });

  it('follows Waldur without any call of a caller', async () => {
    const one = await start();
    one.simulator.faults.add({ status: 502 });
    expect(await ready(one)).toBe(503);
    one.simulator.faults.clear();
    time += 10_000;
    expect(await ready(one)).toBe(200);
    expect(outagesIn(one)).toEqual(['Waldur cannot be reached', 'Waldur can be reached again']);
  });
});
