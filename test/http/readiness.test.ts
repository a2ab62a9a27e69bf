import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { configWith } from '../../src/config.ts';
import { createGateway } from '../../src/gateway.ts';
import { at, type JsonValue, type Running, startGateway, tokenOf } from '../support/gateway.ts';

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

describe('the Waldur in use', () => {
  /** A Waldur that shows its version to one of its users. */
  const startWaldur = async () => {
    const server = createServer(({ url, headers }, response) => {
      const isAllowed = url !== '/api/version/' || headers.authorization === `Token ${tokenOf('staff')}`;
      response.writeHead(isAllowed ? 200 : 401, { 'content-type': 'application/json' });
      response.end(isAllowed && url === '/api/version/' ? '{"version":"7.9.2","latest_version":"8.0.0"}' : '{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${address.port}`;
  };
  const shown = async (url: string, headers: Record<string, string> = {}) =>
    at((await (await fetch(`${url}/health/ready`, { headers })).json()) as JsonValue, 'waldur');

  it('is named, with its version where the caller may read it', async () => {
    const waldurApiUrl = await startWaldur();
    const gateway = await createGateway(configWith({ port: 0, waldurApiUrl, logLevel: 'silent' }));
    const waldur = { url: waldurApiUrl, embedded: false };
    expect(await shown(gateway.url)).toEqual(waldur);
    expect(await shown(gateway.url, { authorization: `Token ${tokenOf('admin1')}` })).toEqual(waldur);
    expect(await shown(gateway.url, { authorization: `Token ${tokenOf('staff')}` })).toEqual({
      ...waldur,
      version: '7.9.2',
    });
    // The version of one caller is not shown to another.
    expect(await shown(gateway.url)).toEqual(waldur);
    await gateway.close();
  });

  it('is the embedded one', async () => {
    const one = await start();
    expect(await shown(one.url)).toEqual({
      url: `${one.simulator.url}/api/`,
      embedded: true,
      version: one.simulator.waldur,
    });
  });
});
