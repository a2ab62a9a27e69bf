import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { startSimulator } from '../src/simulator/server.ts';
import { hasProgram } from './support/debian.ts';

/** A Waldur behind TLS, as every real one is, with the certificate of an authority of one's own. */

const ROOT = path.resolve(import.meta.dirname, '..');
const hasOpenssl = hasProgram('Waldur behind TLS', '/usr/bin/openssl', 'openssl');
const folder = mkdtempSync(path.join(tmpdir(), 'tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** @returns where the certificate is. */
function certify(): { key: string; cert: string } {
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(
    '/usr/bin/openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...names, '-keyout', key, '-out', cert],
    { stdio: 'ignore' },
  );
  return { key, cert };
}

/** The embedded Waldur behind TLS. @returns its address, and the token of one who sees everything. */
async function startUpstream({ key, cert }: { key: string; cert: string }): Promise<{ url: string; token: string }> {
  const simulator = await startSimulator({ port: 0, snapshots: 300 });
  const sockets = new Set<net.Socket>();
  const server = tls.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    const plain = net.connect(simulator.port, '127.0.0.1');
    sockets.add(socket).add(plain);
    for (const one of [socket, plain]) one.on('error', () => {});
    socket.pipe(plain).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await simulator.close();
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    token: simulator.tokens().find(({ username }) => username === 'staff')?.token ?? '',
  };
}

async function startGateway(env: Record<string, string>): Promise<{ url: string; log: () => string }> {
  const child = spawn(process.execPath, ['bin/run.mjs', 'src/main.ts'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', LOG_LEVEL: 'info', PORT: '0', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await expect.poll(() => out, { timeout: 20_000 }).toMatch(/GraphQL\s+http:\S+/);
  return { url: /GraphQL\s+(http:\S+)/.exec(out)?.[1] ?? '', log: () => err };
}

const query = async (url: string, token: string): Promise<unknown> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
    body: '{"query": "{ snapshots(first: 100) { totalCount nodes { uuid name description metadata sourceVolume { uuid } } } }"}',
  });
  return response.json();
};

it.skipIf(!hasOpenssl)('is reached when its authority is known', async () => {
  const files = certify();
  const { url: waldur, token } = await startUpstream(files);
  const { url } = await startGateway({ WALDUR_API_URL: waldur, NODE_EXTRA_CA_CERTS: files.cert });
  // The second goes by a compiled plan.
  for (let time = 0; time < 2; time += 1) {
    expect(await query(url, token)).toMatchObject({ data: { snapshots: { totalCount: 300, nodes: { length: 100 } } } });
  }
});

it.skipIf(!hasOpenssl)('is not reached when it is not, and the log says why, once', async () => {
  const { url: waldur, token } = await startUpstream(certify());
  const { url, log } = await startGateway({ WALDUR_API_URL: waldur });
  for (let time = 0; time < 2; time += 1) {
    expect(await query(url, token)).toMatchObject({ errors: [{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }] });
  }
  expect(log().match(/"reason":"self-signed certificate[^"]*","msg":"Waldur cannot be reached"/g)).toHaveLength(1);
});
