import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { client, type Mistake } from './support/client.ts';
import { bodyOf, headOf, rawGet } from './support/raw.ts';

const LIST = '/api/openstack-snapshots/?page_size=3&field=uuid&field=name';

interface Row {
  uuid: string;
  name: string;
}

describe('fault switches', () => {
  it("returns a status, headers and a body in place of Waldur's", async () => {
    const { sim, api } = await client();
    await sim('POST', '/faults', { status: 429, headers: { 'Retry-After': '7' }, body: '{"detail": "slow down"}' });
    const answer = await api('GET', LIST);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(answer.body).toEqual({ detail: 'slow down' });
    await sim('DELETE', '/faults');
    expect((await api('GET', LIST)).status).toBe(200);
  });

  it('sends any body unchanged', async () => {
    const { sim, api } = await client();
    await sim('POST', '/faults', { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Hello</h1>' });
    expect((await api('GET', LIST)).body).toBe('<h1>Hello</h1>');
    await sim('DELETE', '/faults');
    await sim('POST', '/faults', { body: '[{"uuid": ' });
    const response = await fetch(`${(await client()).simulator.url}/api/`).then((answer) => answer.status);
    expect(response, 'another simulator is not touched').toBe(401);
    await expect(api('GET', LIST)).rejects.toThrow(SyntaxError);
  });

  it('overrides headers of the real response when only headers are given', async () => {
    const { sim, api } = await client();
    await sim('POST', '/faults', { headers: { Link: '<http://elsewhere.invalid/>; rel="next"' } });
    const answer = await api('GET', LIST);
    expect(answer.headers.get('link')).toBe('<http://elsewhere.invalid/>; rel="next"');
    expect(answer.headers.get('x-result-count')).toBe('60');
    expect(answer.body).toHaveLength(3);
  });

  it('applies to the given method and path, the given number of times', async () => {
    const { sim, api } = await client();
    await sim('POST', '/faults', { method: 'get', path: '/api/openstack-snapshots/', times: 2, status: 503 });
    expect((await api('GET', '/api/openstack-volumes/?page_size=1')).status).toBe(200);
    expect((await api('OPTIONS', '/api/openstack-snapshots/')).status).toBe(200);
    expect((await api('GET', LIST)).status).toBe(503);
    expect((await sim('GET', '/faults')).body).toHaveLength(1);
    expect((await api('GET', LIST)).status).toBe(503);
    expect((await sim('GET', '/faults')).body).toEqual([]);
    expect((await api('GET', LIST)).status).toBe(200);
  });

  it('applies two rules to two requests, and delays in addition', async () => {
    const { sim, api } = await client();
    await sim('POST', '/faults', { latencyMs: 1 });
    await sim('POST', '/faults', { times: 1, status: 500 });
    await sim('POST', '/faults', { times: 1, status: 502 });
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await api('GET', LIST)).status);
    expect(statuses).toEqual([500, 502, 200]);
  });

  it('applies limited delays to one request after the other', async () => {
    const { sim, api } = await client();
    await sim('POST', '/faults', { times: 1, latencyMs: 1 });
    await sim('POST', '/faults', { times: 1, latencyMs: 1 });
    const left = async () => (await sim<unknown[]>('GET', '/faults')).body.length;
    await api('GET', LIST);
    expect(await left()).toBe(1);
    await api('GET', LIST);
    expect(await left()).toBe(0);
  });

  it('applies with a probability, decided by the seed', async () => {
    const pattern = async (seed: number): Promise<string> => {
      const { sim, api } = await client({ seed });
      await sim('POST', '/faults', { probability: 0.5, status: 503 });
      let seen = '';
      for (let n = 0; n < 24; n++) seen += (await api('GET', LIST)).status === 503 ? 'x' : '.';
      return seen;
    };
    const first = await pattern(5);
    expect(first).toContain('x');
    expect(first).toContain('.');
    expect(await pattern(5)).toBe(first);
    expect(await pattern(6)).not.toBe(first);
  });

  it('delays a response after it was computed: it may be out of date', async () => {
    const { sim, api, simulator } = await client();
    const [{ uuid, name } = { uuid: '', name: '' }] = (await api<Row[]>('GET', LIST)).body;
    await sim('POST', '/faults', { path: `/api/openstack-snapshots/${uuid}/`, times: 1, latencyMs: 200 });
    const slow = api('GET', `/api/openstack-snapshots/${uuid}/?field=name`);
    while (simulator.stats().inFlight === 0) await new Promise(setImmediate);
    await sim('PATCH', `/snapshots/${uuid}`, { name: 'changed meanwhile' });
    expect((await api('GET', `/api/openstack-snapshots/${uuid}/?field=name`)).body).toEqual({
      name: 'changed meanwhile',
    });
    expect((await slow).body).toEqual({ name });
  });

  it('resets the connection before a byte is sent, after the request was processed', async () => {
    const { sim, api, simulator, token } = await client();
    await sim('POST', '/faults', { method: 'GET', reset: true, times: 1 });
    expect(await rawGet(simulator.port, LIST, token('staff'))).toEqual({ text: '', end: 'reset' });
    const [{ uuid } = { uuid: '' }] = (await api<Row[]>('GET', `${LIST}&state=OK`)).body;
    await sim('POST', '/faults', { method: 'PATCH', reset: true, times: 1 });
    await expect(api('PATCH', `/api/openstack-snapshots/${uuid}/`, { body: { name: 'renamed' } })).rejects.toThrow();
    const { body } = await api('GET', `/api/openstack-snapshots/${uuid}/?field=name&field=state`);
    expect(body).toEqual({ name: 'renamed', state: 'UPDATE_SCHEDULED' });
  });

  it('truncates the body with the full content-length', async () => {
    const { sim, simulator, token, api } = await client();
    const whole = JSON.stringify((await api('GET', LIST)).body);
    await sim('POST', '/faults', { truncateAt: 20 });
    const { text, end } = await rawGet(simulator.port, LIST, token('staff'));
    expect(headOf(text)).toContain(`content-length: ${whole.length}`);
    expect(bodyOf(text)).toBe(whole.slice(0, 20));
    expect(end).not.toBe('open');
  });

  it('truncates a chunked body, when the rule has chunks', async () => {
    const { sim, simulator, token } = await client();
    await sim('POST', '/faults', { truncateAt: 10, headers: { 'transfer-encoding': 'chunked' } });
    const { text, end } = await rawGet(simulator.port, LIST, token('staff'));
    expect(headOf(text)).toContain('transfer-encoding: chunked');
    expect(headOf(text)).not.toContain('content-length');
    expect(bodyOf(text)).toMatch(/^a\r\n.{10}\r\n$/s);
    expect(end).not.toBe('open');
  });

  it.each([0, 15])('stalls after %i bytes of the body', async (stallAfter) => {
    const { sim, simulator, token } = await client();
    await sim('POST', '/faults', { stallAfter });
    const { text, end } = await rawGet(simulator.port, LIST, token('staff'), { bodyBytes: stallAfter });
    expect(headOf(text)).toMatch(/^http\/1.1 200 ok/);
    expect(bodyOf(text)).toHaveLength(stallAfter);
    expect(end).toBe('open');
  });

  it('ends a stalled request when its client disconnects', async () => {
    const { sim, simulator, token } = await client();
    await sim('POST', '/faults', { stallAfter: 0 });
    await rawGet(simulator.port, LIST, token('staff'), { bodyBytes: 0 });
    while (simulator.stats().inFlight > 0) await new Promise(setImmediate);
    expect(simulator.stats()).toMatchObject({ total: 1, inFlight: 0, maxInFlight: 1 });
  });

  it('sends a small gzip that decompresses to the given size', async () => {
    const { sim, simulator } = await client();
    await sim('POST', '/faults', { gzipBombMiB: 3 });
    const response = await fetch(simulator.url + LIST, { headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    const inflated = Buffer.from(await response.arrayBuffer());
    expect(inflated.length).toBe(3 * 2 ** 20 + 2);
    expect(JSON.parse(inflated.toString())).toEqual([]);
    expect(() => gunzipSync(inflated), 'fetch has inflated it already').toThrow();
  });

  it('does not affect the control endpoints', async () => {
    const { sim } = await client();
    await sim('POST', '/faults', { status: 500 });
    expect((await sim('GET', '/stats')).status).toBe(200);
  });

  it.each([
    [{ statuss: 500 }, 'unknown key "statuss"'],
    [{ status: 700 }, 'status must be an integer from 200 to 599'],
    [{ times: 0 }, 'times must be'],
    [{ probability: 2 }, 'probability must be a number from 0 to 1'],
    [{ latencyMs: -1 }, 'latencyMs must be'],
    [{ headers: { 'bad name': 'x' } }, 'headers must be'],
    [{ headers: { good: 'a\r\nb' } }, 'headers must be'],
    [{ headers: [] }, 'headers must be'],
    [{ body: { a: 1 } }, 'body must be a string'],
    [{ reset: 'yes' }, 'reset must be true or false'],
    [{ path: 'api' }, 'path must be a path'],
    [{ method: '' }, 'method must be'],
    [{ gzipBombMiB: 0.5 }, 'gzipBombMiB must be'],
    [[], 'a fault must be an object'],
    ['', 'a fault must be an object'],
  ])('refuses %j', async (rule, message) => {
    const { sim } = await client();
    const answer = await sim<Mistake>('POST', '/faults', rule);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(message);
    expect((await sim('GET', '/faults')).body).toEqual([]);
  });
});
