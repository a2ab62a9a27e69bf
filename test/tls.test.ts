import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { startSimulator } from '../simulator/server.ts';
import { AbortTokenSource } from '../src/runtime/abort-token.ts';
import { useProcesses } from './faults/support/process.ts';
import { hasProgram } from './support/debian.ts';
import { clientOf, failure, UUID } from './waldur/support/upstreams.ts';

/** A Waldur behind TLS, as most are, with the certificate of an authority of one's own. */

const hasOpenssl = hasProgram('Waldur behind TLS', '/usr/bin/openssl', 'openssl');
const folder = mkdtempSync(path.join(tmpdir(), 'tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Files {
  readonly key: string;
  readonly cert: string;
}

function certify(): Files {
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(
    '/usr/bin/openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...names, '-keyout', key, '-out', cert],
    { stdio: 'ignore' },
  );
  return { key, cert };
}

/**
 * The embedded Waldur behind TLS.
 * @param opens until then no connection opens.
 * @returns its address, and the token of one who sees everything.
 */
async function startUpstream({ key, cert }: Files, opens = Promise.resolve()): Promise<{ url: string; token: string }> {
  const simulator = await startSimulator({ port: 0, snapshots: 300 });
  const sockets = new Set<net.Socket>();
  const server = tls.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    const plain = net.connect(simulator.port, '127.0.0.1');
    sockets.add(socket).add(plain);
    for (const one of [socket, plain]) one.on('error', () => {});
    socket.pipe(plain).pipe(socket);
  });
  const front = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    void opens.then(() => server.emit('connection', socket));
  });
  await new Promise<void>((resolve) => front.listen(0, resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    front.close();
    await simulator.close();
  });
  return {
    url: `https://localhost:${(front.address() as AddressInfo).port}`,
    token: simulator.tokens().find(({ username }) => username === 'staff')?.token ?? '',
  };
}

const startGateway = useProcesses();
const ADDRESS = /GraphQL\s+(http:\S+)/;

const query = async (url: string, token: string): Promise<unknown> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
    body: '{"query": "{ snapshots(first: 100) { totalCount nodes { uuid name description metadata sourceVolume { uuid } } } }"}',
  });
  return response.json();
};

it.skipIf(!hasOpenssl)('is reached when its certificate authority is trusted', async () => {
  const files = certify();
  const { url: waldur, token } = await startUpstream(files);
  const { printed } = startGateway({ WALDUR_API_URL: waldur, NODE_EXTRA_CA_CERTS: files.cert });
  const url = await printed(ADDRESS);
  // The second goes by a compiled plan.
  for (let time = 0; time < 2; time += 1) {
    expect(await query(url, token)).toMatchObject({ data: { snapshots: { totalCount: 300, nodes: { length: 100 } } } });
  }
});

it.skipIf(!hasOpenssl)('is not reached otherwise, and the log has the reason once', async () => {
  const { url: waldur, token } = await startUpstream(certify());
  const { child, ended, printed } = startGateway({ WALDUR_API_URL: waldur, LOG_LEVEL: 'warn' });
  const url = await printed(ADDRESS);
  for (let time = 0; time < 2; time += 1) {
    expect(await query(url, token)).toMatchObject({ errors: [{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }] });
  }
  child.kill('SIGTERM');
  const { err } = await ended;
  expect(err.match(/"reason":"self-signed certificate[^"]*","msg":"Waldur cannot be reached"/g)).toHaveLength(1);
});

it.skipIf(!hasOpenssl)('a caller who leaves while a connection opens causes no log line', async () => {
  const files = certify();
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(files.cert, 'utf8')]);
  let open = (): void => {};
  const { url: waldur, token } = await startUpstream(
    files,
    new Promise((resolve) => {
      open = resolve;
    }),
  );
  const reasons: string[] = [];
  const client = clientOf(waldur, { onNoConnection: ({ message }) => void reasons.push(message) });
  const stop = new AbortTokenSource();
  const caller = { key: 'k', headers: { authorization: `Token ${token}` } };
  const left = failure(client.getSnapshot(caller, UUID, {}, { signal: stop }));
  stop.abort();
  expect((await left).kind).toBe('aborted');
  open();
  expect(await client.getSnapshot(caller, UUID)).toBeNull();
  expect(reasons).toEqual([]);
});
