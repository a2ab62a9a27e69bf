import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { NGINX, type Nginx, startNginx } from '../../tools/deploy/nginx.ts';
import { hasProgram } from '../support/debian.ts';
import { tokenOf, useGateway } from '../support/gateway.ts';

const canRun =
  hasProgram('the recipe for nginx', NGINX, 'nginx-light') && spawnSync('openssl', ['version']).status === 0;
const authorization = `Token ${tokenOf('staff')}`;
/** Clients are 127.0.0.1, so nginx has to be somebody else. */
const PROXY = '127.0.0.2';
const PREFIXES = ['', '/snapshots'];

const folder = mkdtempSync(path.join(tmpdir(), 'deploy-'));
const [cert, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
const gateway = useGateway({ trustedProxies: [PROXY] });
let nginx: Nginx;
let plain: Nginx;
let dispatcher: Agent;
/** Takes connections and closes them: a replica that has ended, whose port is not taken by somebody else. */
const dead = createServer((socket) => socket.destroy());

beforeAll(async () => {
  if (!canRun) return;
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...names, '-keyout', key, '-out', cert];
  spawnSync('openssl', args);
  dispatcher = new Agent({ connect: { ca: readFileSync(cert) }, allowH2: true });
  const address = new URL(gateway().url).host;
  nginx = await startNginx({ gateways: [address], from: PROXY, tls: { cert, key } });
  await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve));
  const ended = dead.address();
  if (ended === null || typeof ended === 'string') throw new Error('no port');
  plain = await startNginx({ gateways: [`127.0.0.1:${ended.port}`, address], from: PROXY });
});
afterAll(async () => {
  await nginx?.stop();
  await plain?.stop();
  await dispatcher?.close();
  dead.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = async (url: string, headers: Record<string, string> = {}) => {
  const { statusCode, headers: received, body } = await request(url, { dispatcher, headers });
  return { status: statusCode, headers: received, body: await body.text() };
};
const ask = async (
  url: string,
  query: string,
  headers: Record<string, string> = {},
  extensions = {},
): Promise<unknown> => {
  const { body } = await request(url, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization, ...headers },
    body: JSON.stringify({ query, extensions }),
  });
  return body.json();
};

describe.skipIf(!canRun)('the recipe for nginx', () => {
  it('sends plain HTTP to TLS', async () => {
    const { status, headers } = await get(`${nginx.url}/graphql?query=%7B__typename%7D`);
    expect([status, headers.location]).toEqual([308, 'https://127.0.0.1/graphql?query=%7B__typename%7D']);
  });

  it.each(PREFIXES)('serves the explorer, its scripts and the schema below "%s"', async (prefix) => {
    const page = await get(`${nginx.tlsUrl}${prefix}/graphiql`, { accept: 'text/html' });
    expect(page.status).toBe(200);
    expect(page.headers['strict-transport-security']).toBe('max-age=31536000');
    const script = /(?:src|href)="([^"]+\.js)"/.exec(page.body)?.[1] ?? 'no script';
    expect(script.startsWith(`${prefix}/graphiql/`)).toBe(true);
    expect((await get(`${nginx.tlsUrl}${script}`)).status).toBe(200);
    expect((await get(`${nginx.tlsUrl}${prefix}/schema.graphql`)).body).toContain('type Snapshot');
  });

  it.each(['/', '/graphiql', '/live', '/schema.graphql', '/no-such-page'])(
    'answers %s as the gateway does',
    async (page) => {
      const { status } = await get(`${gateway().url}${page}`, { accept: 'text/html' });
      for (const prefix of PREFIXES)
        expect([prefix, (await get(`${nginx.tlsUrl}${prefix}${page}`, { accept: 'text/html' })).status]).toEqual([
          prefix,
          status,
        ]);
    },
  );

  it.each(PREFIXES)('keeps metrics and health checks from the public below "%s"', async (prefix) => {
    for (const page of ['/metrics', '/health/live', '/health/ready']) {
      expect((await get(`${gateway().url}${page}`)).status).toBe(200);
      expect((await get(`${nginx.tlsUrl}${prefix}${page}`)).status).toBe(404);
    }
  });

  it('passes the address of the client, whatever the client sends', async () => {
    const forged = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'evil.example.org',
      forwarded: 'for=203.0.113.9',
    };
    expect(await ask(`${nginx.tlsUrl}/graphql`, '{ viewer { username } }', forged)).toEqual({
      data: { viewer: { username: 'staff' } },
    });
    const [last] = (await gateway().requests()).slice(-1);
    expect(last?.headers['x-forwarded-for']).toBe('127.0.0.1');
  });

  it('allows a body as large as the gateway does', async () => {
    const answer = await ask(
      `${nginx.tlsUrl}/snapshots/graphql`,
      '{ __typename }',
      {},
      { padding: 'x'.repeat(1_000_000) },
    );
    expect(answer).toEqual({ data: { __typename: 'Query' } });
  });

  it.each(PREFIXES)('carries WebSockets of its own pages below "%s"', async (prefix) => {
    const url = `${nginx.tlsUrl?.replace('https', 'wss')}${prefix}/graphql`;
    const socket = new WebSocket(url, 'graphql-transport-ws', { ca: readFileSync(cert), origin: String(nginx.tlsUrl) });
    const types: string[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', (code, reason) => reject(new Error(`closed with ${code} ${reason} after ${types.join()}`)));
      socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } })));
      socket.on('message', (data) => {
        const { type } = JSON.parse(String(data));
        types.push(type);
        if (type === 'connection_ack')
          socket.send(
            JSON.stringify({
              type: 'subscribe',
              id: '1',
              payload: { query: 'subscription { snapshotChanges { kind } }' },
            }),
          );
        if (type === 'next' || type === 'error') resolve();
      });
    });
    socket.close();
    expect(types.slice(0, 2)).toEqual(['connection_ack', 'next']);
  });

  it('refuses WebSockets of foreign pages', async () => {
    const url = `${nginx.tlsUrl?.replace('https', 'wss')}/graphql`;
    const socket = new WebSocket(url, 'graphql-transport-ws', {
      ca: readFileSync(cert),
      origin: 'https://evil.example.org',
    });
    const status = await new Promise((resolve) => {
      socket.once('unexpected-response', (_request, response) => {
        resolve(response.statusCode);
        socket.terminate();
      });
      socket.once('error', resolve);
    });
    expect(status).toBe(403);
  });

  it.each(PREFIXES)('passes events at once below "%s"', async (prefix) => {
    const { statusCode, body } = await request(`${nginx.tlsUrl}${prefix}/graphql/stream`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization },
      body: JSON.stringify({ query: 'subscription { snapshotChanges { kind } }' }),
    });
    expect(statusCode).toBe(200);
    let text = '';
    for await (const chunk of body) {
      text += String(chunk);
      if (text.includes('event: next')) break;
    }
    expect(text).toContain('"kind"');
  });
});

describe.skipIf(!canRun)('the nginx of the compose file', () => {
  it('passes requests and tries another replica when one is away', async () => {
    for (let n = 0; n < 6; n++)
      expect(
        (await get(`${plain.url}/graphql?query=%7B__typename%7D`, { accept: 'application/json', authorization }))
          .status,
      ).toBe(200);
  });

  it('has a health check of its own', async () => {
    expect(await get(`${plain.url}/nginx-health`)).toMatchObject({ status: 200, body: 'ok' });
  });
});
