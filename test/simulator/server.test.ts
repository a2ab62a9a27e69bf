import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { startSimulator } from '../../simulator/server.ts';
import { client } from './support/client.ts';
import { headOf, rawGet } from './support/raw.ts';

const LIST = '/api/openstack-snapshots/?page_size=1';

describe('server', () => {
  it('listens on the loopback interface only, on a free port', async () => {
    const { simulator } = await client();
    expect(simulator.url).toBe(`http://127.0.0.1:${simulator.port}`);
    expect(simulator.port).toBeGreaterThan(0);
  });

  it('reports which port is in use', async () => {
    const { simulator } = await client();
    await expect(startSimulator({ port: simulator.port, snapshots: 1 })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('generates the same data from the same seed and size', async () => {
    const [one, two, other] = [await client({ seed: 4 }), await client({ seed: 4 }), await client({ seed: 5 })];
    const uuids = async ({ api }: typeof one) =>
      (await api('GET', '/api/openstack-snapshots/?page_size=300&field=uuid')).body;
    expect(await uuids(one)).toHaveLength(60);
    expect(await uuids(two)).toEqual(await uuids(one));
    expect(await uuids(other)).not.toEqual(await uuids(one));
  });

  it('runs its clock unless frozen', async () => {
    const { api, simulator } = await client({ frozen: false, scale: 2_000 });
    const [row] = (await api<{ uuid: string }[]>('GET', `${LIST}&state=OK&field=uuid`)).body;
    const restored = await api<{ uuid: string }>('POST', `/api/openstack-snapshots/${row?.uuid}/restore/`, {
      body: { name: 'restored' },
    });
    expect(restored.status).toBe(201);
    const state = async () => (await api('GET', `/api/openstack-volumes/${restored.body.uuid}/?field=state`)).body;
    await expect.poll(state).toEqual({ state: 'OK' });
    expect(simulator.clock.frozen).toBe(false);
  });

  it('sorts names by code point, a part before the whole', async () => {
    const { api, sim } = await client();
    const path = '/api/openstack-snapshots/?page_size=4&o=name&field=uuid&field=name';
    const { body: first } = await api<{ uuid: string }[]>('GET', path);
    // By UTF-16 unit the face would come before the tilde, which is beyond the surrogates.
    const names = [' !\u{1f600}', ' !\uff5e', ' !\uff5e!', ' !'];
    for (const [at, { uuid }] of first.entries()) await sim('PATCH', `/snapshots/${uuid}`, { name: names[at] });
    const { body } = await api<{ name: string }[]>('GET', path);
    expect(body.map(({ name }) => name)).toEqual([' !', ' !\uff5e', ' !\uff5e!', ' !\u{1f600}']);
  });

  it('sends Content-Length in response to HEAD', async () => {
    const { api } = await client();
    const [whole, head] = [await api('GET', LIST), await api('HEAD', LIST)];
    expect(head).toMatchObject({ status: 200, body: '' });
    for (const name of ['content-length', 'x-result-count'])
      expect(head.headers.get(name)).toBe(whole.headers.get(name));
  });

  it('keeps connections open', async () => {
    const { simulator, token } = await client();
    const socket = net.connect(simulator.port, '127.0.0.1');
    const request = `GET ${LIST}&field=uuid HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nAuthorization: Token ${token('staff')}\r\n\r\n`;
    let text = '';
    const answers = () => text.split('HTTP/1.1 200 OK').length - 1;
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
      if (answers() === 1) socket.write(request);
    });
    socket.write(request);
    await expect.poll(answers).toBe(2);
    socket.destroy();
  });

  it("refuses a request line that Waldur's web server would refuse", async () => {
    const { simulator, token } = await client();
    const ask = (length: number) =>
      rawGet(simulator.port, `${LIST}&x=`.padEnd(length, 'y'), token('staff'), { bodyBytes: 1 });
    expect(headOf((await ask(8_177)).text)).toMatch(/^http\/1.1 200/);
    expect(headOf((await ask(8_178)).text)).toMatch(/^http\/1.1 414/);
    expect(headOf((await ask(40_000)).text)).toMatch(/^http\/1.1 414/);
  });

  it('accepts bodies of many megabytes and refuses larger ones', async () => {
    const { api } = await client();
    const body = (megabytes: number) => ({ name: 'x', metadata: { text: 'y'.repeat(megabytes * 1e6) } });
    const [row] = (await api<{ uuid: string }[]>('GET', `${LIST}&state=OK&field=uuid`)).body;
    const path = `/api/openstack-snapshots/${row?.uuid}/?`;
    expect((await api('PATCH', path, { body: body(12) })).status).toBe(200);
    expect((await api('PATCH', path, { body: body(34) })).status).toBe(413);
  });

  it('closes while responses are pending', async () => {
    const simulator = await startSimulator({ frozen: true, snapshots: 20 });
    await fetch(`${simulator.url}/__sim/faults`, { method: 'POST', body: '{"stallAfter": 0}' });
    const answer = fetch(simulator.url + LIST).then((response) => response.text());
    const failed = expect(answer).rejects.toThrow();
    while (simulator.stats().inFlight === 0) await new Promise(setImmediate);
    await simulator.close();
    await failed;
  });
});
