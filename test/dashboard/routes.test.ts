import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configWith } from '../../src/config.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { useGateway } from '../support/gateway.ts';
import { rawGet } from './support/raw.ts';

const gateway = useGateway({}, {}, 'made-up');

const page = (init: RequestInit = {}, path = '/live') => fetch(gateway().url + path, { redirect: 'manual', ...init });

/** Paths of the script and the style sheet. */
async function assets(): Promise<string[]> {
  const html = await (await page()).text();
  return [...html.matchAll(/(?:src|href)="(live\/[^"]+)"/g)].map(([, path = '']) => `/${path}`);
}

describe('the page', () => {
  it('has a policy without inline code, and no token', async () => {
    const response = await page();
    expect(response.status).toBe(200);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|http|\*/);
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    const html = await response.text();
    expect(html).not.toMatch(/style=|<script(?![^>]*src)/);
    for (const { token } of gateway().simulator.tokens()) expect(html).not.toContain(token);
  });

  it('is asked for each time, and answered with 304 while it has not changed', async () => {
    const first = await page();
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const etag = first.headers.get('etag') ?? '';
    const second = await page({ headers: { 'if-none-match': `"other", W/${etag}` } });
    expect(second.status).toBe(304);
    expect(await second.text()).toBe('');
    expect((await page({ headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  it('answers HEAD like GET without a body, and refuses POST', async () => {
    const [get, head] = await Promise.all([page(), page({ method: 'HEAD' })]);
    expect(head.status).toBe(200);
    expect(head.headers.get('etag')).toBe(get.headers.get('etag'));
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
    expect(await head.text()).toBe('');
    expect((await page({ method: 'POST' })).status).toBe(405);
  });

  it('with a slash at the end leads to the path without it, which its links need', async () => {
    const response = await page({}, '/live/?q=a');
    expect(response.status).toBe(308);
    expect(response.headers.get('location')).toBe('../live?q=a');
  });
});

describe('its files', () => {
  it('have at most 150 KB together, compressed, and are cached for ever', async () => {
    const paths = await assets();
    expect(paths).toHaveLength(2);
    const answers = await Promise.all(paths.map((path) => rawGet(gateway().url + path, 'gzip, br')));
    for (const { headers } of answers) {
      expect(headers['content-encoding']).toBe('br');
      expect(headers['cache-control']).toContain('immutable');
      expect(headers.vary).toContain('Accept-Encoding');
    }
    expect(answers.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThan(150_000);
  });

  it('are the same in each encoding', async () => {
    for (const path of await assets()) {
      const read = async (accepted: string) => rawGet(gateway().url + path, accepted);
      const [br, gzip, none] = await Promise.all([read('br;q=0.5, gzip;q=0'), read('gzip'), read('br;q=0')]);
      expect(none.headers['content-encoding']).toBeUndefined();
      expect(brotliDecompressSync(br.body).equals(none.body)).toBe(true);
      expect(gunzipSync(gzip.body).equals(none.body)).toBe(true);
      expect(new Set([br, gzip, none].map(({ headers }) => headers.etag)).size).toBe(3);
    }
  });

  it('answer 304 to who has them, and 404 for another name', async () => {
    const [path = ''] = await assets();
    const { headers } = await rawGet(gateway().url + path, 'br');
    const again = await fetch(gateway().url + path, {
      headers: { 'accept-encoding': 'br', 'if-none-match': headers.etag ?? '' },
    });
    expect(again.status).toBe(304);
    expect((await page({}, '/live/assets/live.js')).status).toBe(404);
  });
});

describe('the control endpoints of the embedded Waldur', () => {
  const control = (path: string, init: RequestInit = {}) => page(init, `/live/simulator/${path}`);
  const json = { 'content-type': 'application/json' };

  it('change the world', async () => {
    const rule = { path: '/api/', latencyMs: 1 };
    const added = await control('faults', { method: 'POST', headers: json, body: JSON.stringify(rule) });
    expect(await added.json()).toEqual([expect.objectContaining(rule)]);
    expect((await control('faults', { method: 'DELETE', headers: json })).status).toBe(200);
    expect(await (await control('tokens')).json()).toEqual(gateway().simulator.tokens());
  });

  it('pass errors on', async () => {
    const answer = await control('faults', { method: 'POST', headers: json, body: '{"status":1}' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: expect.stringContaining('status') });
  });

  it.each(['clock', 'dataset', 'stats', 'requests', '', 'tokens/a/b', '../../graphql'])(
    'do not offer "%s"',
    async (path) => {
      const body = '{}';
      const { status } = await control(path, { method: 'POST', headers: json, body });
      expect([400, 404]).toContain(status);
    },
  );

  it('refuse what a page of another origin can send without permission', async () => {
    const body = JSON.stringify({ path: '/api/', status: 503 });
    const send = async (headers: Record<string, string>) =>
      (await control('faults', { method: 'POST', headers, body })).status;
    expect(await send({ 'content-type': 'text/plain' })).toBe(403);
    expect(await send({ ...json, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await send({ ...json, 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(gateway().simulator.faults.list()).toEqual([]);
  });
});

describe('settings', () => {
  let plain: Gateway;
  let without: Gateway;
  beforeAll(async () => {
    const config = { port: 0, waldurApiUrl: gateway().simulator.url, logLevel: 'silent' } as const;
    plain = await createGateway(configWith(config));
    without = await createGateway(configWith({ ...config, dashboard: false }));
  });
  afterAll(() => Promise.all([plain.close(), without.close()]));

  it('with a real Waldur there are no control endpoints, and the page knows it', async () => {
    expect((await fetch(`${plain.url}/live/simulator/tokens`)).status).toBe(404);
    const html = await (await fetch(`${plain.url}/live`)).text();
    expect(html).not.toContain('data-embedded');
    expect(await (await page()).text()).toContain('data-embedded');
  });

  it('DASHBOARD=false removes it', async () => {
    const { url } = without;
    for (const path of ['/live', '/live/assets/a.js', '/live/simulator/tokens']) {
      expect((await fetch(url + path)).status, path).toBe(404);
    }
  });
});
