import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { ROOT } from '../run.ts';

export const NGINX = '/usr/sbin/nginx';
const STARTS_WITHIN_MS = 10_000;
const TRY_EVERY_MS = 20;

export interface Nginx {
  /** Without TLS. */
  readonly url: string;
  /** With TLS; undefined for the configuration of the compose file. */
  readonly tlsUrl: string | undefined;
  /** Its error log, of which the last million characters are kept. */
  log(): string;
  stop(): Promise<void>;
}

export interface NginxOptions {
  /** Addresses of the gateways, such as `127.0.0.1:4000`. */
  readonly gateways: readonly string[];
  /** Address from which nginx connects to them; it is the one to trust. */
  readonly from?: string;
  /** Files of a certificate: use the recipe for TLS. Without them the configuration of the compose file is used. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Starts nginx with the files of deploy/, of which only addresses and paths are replaced. It listens on loopback. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const folder = mkdtempSync(path.join(tmpdir(), 'nginx-'));
  const [port, tlsPort] = [await freePort(), await freePort()];
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(path.join(folder, 'gateway-proxy.conf'), read('nginx/gateway-proxy.conf'));
  writeFileSync(
    file,
    options.tls === undefined
      ? composeConfig(options, folder, port)
      : recipe(options, options.tls, folder, port, tlsPort),
  );
  const child = spawn(NGINX, ['-e', 'stderr', '-c', file, '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed = (printed + String(chunk)).slice(-1_000_000);
  });
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await listening(child, port, () => printed);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    tlsUrl: options.tls === undefined ? undefined : `https://127.0.0.1:${tlsPort}`,
    log: () => printed,
    stop,
  };
}

const read = (file: string): string => readFileSync(`${ROOT}deploy/${file}`, 'utf8');

function composeConfig({ gateways, from }: NginxOptions, folder: string, port: number): string {
  const replaced = replaceAll(read('compose/nginx.conf'), [
    [/\/tmp\//g, `${folder}/`],
    [/listen 8080;/g, `listen 127.0.0.1:${port};`],
    [/\/etc\/nginx\/gateway-proxy\.conf/g, `${folder}/gateway-proxy.conf`],
    [/^http \{$/gm, `http {\n${bind(from)}`],
  ]);
  return `${asRoot()}${withGateways(replaced, gateways)}`;
}

function recipe(
  { gateways, from }: NginxOptions,
  { cert, key }: { cert: string; key: string },
  folder: string,
  port: number,
  tlsPort: number,
): string {
  const replaced = replaceAll(read('nginx/gateway.conf'), [
    [/ *listen \[::\]:.*\n/g, ''],
    [/listen 80;/g, `listen 127.0.0.1:${port};`],
    [/listen 443 /g, `listen 127.0.0.1:${tlsPort} `],
    [/\/etc\/ssl\/snapshots\.example\.org\.pem/g, cert],
    [/\/etc\/ssl\/private\/snapshots\.example\.org\.key/g, key],
    [/\/etc\/nginx\/gateway-proxy\.conf/g, `${folder}/gateway-proxy.conf`],
  ]);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `${asRoot()}pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
access_log off;
${temporary.join('\n')}
${bind(from)}
${withGateways(replaced, gateways)}
}`;
}

/** @throws when the files have changed so that there is nothing to replace: the test would no longer test them. */
function replaceAll(text: string, replacements: readonly [RegExp, string][]): string {
  return replacements.reduce((result, [pattern, by]) => {
    if (result.search(pattern) < 0) throw new Error(`deploy/ has nothing that matches ${pattern}`);
    return result.replace(pattern, by);
  }, text);
}

/** The servers of each upstream, with the options of its first one. */
function withGateways(text: string, gateways: readonly string[]): string {
  const servers = /(?: +server \d[^;]*;\n)+/g;
  if (text.match(servers)?.length !== 2)
    throw new Error('deploy/ names no gateways, or not for requests and for streams');
  return text.replace(servers, (block) => {
    const options = / +server \S+ ([^;]*);/.exec(block)?.[1] ?? '';
    return gateways.map((address) => `server ${address} ${options};\n`).join('');
  });
}

const bind = (from: string | undefined): string => (from === undefined ? '' : `proxy_bind ${from};`);
/** Workers of a root's nginx would otherwise be another user, who cannot read the folder. */
const asRoot = (): string => (process.getuid?.() === 0 ? 'user root;\n' : '');

async function listening(child: ChildProcess, port: number, printed: () => string): Promise<void> {
  const deadline = performance.now() + STARTS_WITHIN_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${printed()}`);
    if (performance.now() > deadline) throw new Error(`nginx does not listen: ${printed()}`);
    await pause(TRY_EVERY_MS);
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
