import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ASSETS, explorerPage } from '../../src/server/explorer/page.ts';
import { useGateway } from '../support/gateway.ts';

const gateway = useGateway();
const bare = useGateway({ explorer: false });

/** As browsers say it when a person opens an address. */
const html = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const get = (path: string, headers: Record<string, string> = {}) => fetch(gateway().url + path, { headers });

/** Bytes as sent: fetch would decode them. */
const getRaw = (path: string, headers: Record<string, string>) =>
  new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; bytes: number }>(
    (resolve, reject) => {
      request(gateway().url + path, { headers }, (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, bytes }));
      })
        .on('error', reject)
        .end();
    },
  );

function directives(policy: string | null): Record<string, string[]> {
  const parts = (policy ?? '').split(';').map((part) => part.trim().split(/\s+/));
  return Object.fromEntries(parts.map(([name = '', ...sources]) => [name, sources]));
}

describe('the GraphiQL page', () => {
  it.each(['/', '/graphiql', '/graphiql/'])('is served to browsers at %s', async (path) => {
    const response = await get(path, html);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  it('runs only scripts of its own files, and may connect to no other host', async () => {
    const response = await get('/', html);
    expect(directives(response.headers.get('content-security-policy'))).toEqual({
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'style-src': ["'self'", "'unsafe-inline'"],
      'connect-src': ["'self'"],
      'worker-src': ["'self'"],
      'font-src': ["'self'", 'data:'],
      'img-src': ["'self'", 'data:'],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
    });
    const scripts = [...(await response.text()).matchAll(/<script([^>]*)>(.*?)<\/script>/gs)];
    // Data is not run; everything else is a file.
    const inline = scripts.filter(
      ([, attributes = '', text]) => text !== '' && !attributes.includes('application/json'),
    );
    expect([scripts.length, inline]).toEqual([2, []]);
  });

  it('contains no URL of another host', async () => {
    const text = await (await get('/', html)).text();
    expect(text.match(/(?:https?:)?\/\/[\w-]+\.[\w.-]+/g)).toEqual(['http://www.w3.org']);
  });

  it('is called by our name, and contains the users of the embedded Waldur, an owner first', async () => {
    const text = await (await get('/', html)).text();
    expect(text).toContain('<title>Waldur snapshots: GraphQL explorer</title>');
    const { users } = JSON.parse(/id="config">(.*?)<\/script>/.exec(text)?.[1] ?? '');
    expect(users[0].role).toBe('owner');
    expect(users.map(({ token }: { token: string }) => token).sort()).toEqual(
      gateway()
        .simulator.tokens()
        .map(({ token }) => token)
        .sort(),
    );
  });

  it('is not served at / to programs', async () => {
    const response = await get('/', { accept: '*/*' });
    expect(await response.json()).toEqual({ graphql: '/graphql', explorer: '/graphiql' });
    expect(response.headers.get('vary')).toContain('Accept');
  });

  it('escapes values that are inserted into its script', () => {
    const username = '</script><script>alert(1)</script><!--';
    const text = explorerPage([{ username, role: 'owner', token: '' }]);
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('<!--');
  });

  it('is absent when it is disabled', async () => {
    for (const path of ['/', '/graphiql', `${ASSETS}explorer.js`]) {
      expect((await fetch(bare().url + path, { headers: html })).status, path).toBe(404);
    }
  });
});

describe('its assets', () => {
  it('are served, whichever the page requests first', async () => {
    const text = await (await get('/', html)).text();
    const named = new Set(text.match(new RegExp(`${ASSETS}[\\w.]+`, 'g')));
    expect(named.size).toBeGreaterThan(1);
    for (const path of named) expect((await get(path)).status, path).toBe(200);
  });

  it('may be cached for ever, because their URL changes with their version', async () => {
    const { headers } = await get(`${ASSETS}explorer.js`);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Origin, Accept-Encoding',
      // Workers have no other policy than that of their own script.
      'content-security-policy': "default-src 'none'; script-src 'self'; connect-src 'self'",
    });
    const again = await get(`${ASSETS}explorer.js`, { 'if-none-match': headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  });

  it('are compressed for clients that accept it', async () => {
    const small = await getRaw(`${ASSETS}explorer.js`, { 'accept-encoding': 'gzip, br' });
    const large = await getRaw(`${ASSETS}explorer.js`, { 'accept-encoding': 'gzip' });
    expect([small.headers['content-encoding'], large.headers['content-encoding']]).toEqual(['br', undefined]);
    expect(small.bytes).toBeLessThan(large.bytes / 3);
    expect(large.headers['content-length']).toBe(String(large.bytes));
  });

  it.each(['nothing.js', 'explorer.js.br', 'explorer.js.LEGAL.txt', '__proto__', '..%2f..%2fpackage.json', ''])(
    '%j is not an asset',
    async (name) => {
      const response = await get(ASSETS + name);
      expect(response.status).toBe(404);
      expect(response.headers.get('cache-control')).toBe('private, no-store');
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
    },
  );
});
