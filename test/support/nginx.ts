import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { vi } from 'vitest';
import { hasProgram } from './debian.ts';

const PROGRAM = '/usr/sbin/nginx';

/** Debian's nginx; see `hasProgram`. @param what is named when it has to be skipped. */
export const hasNginx = (what: string): boolean => hasProgram(what, PROGRAM, 'nginx-light');

export interface Nginx {
  readonly url: string;
  stop(): Promise<void>;
}

/** What is passed on. */
export interface Location {
  /** With a slash at both ends. */
  readonly path: string;
  /** URL of a server. With a path it replaces that of the location, as in `proxy_pass`. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const HEADERS = { Host: '$http_host', Upgrade: '$http_upgrade', Connection: '$http_connection' };

/** Each location has all headers: one of its own would end the inheritance of the others. */
const blockOf = ({ path: prefix, target, headers }: Location): string => {
  const lines = Object.entries({ ...HEADERS, ...headers }).map((header) => `proxy_set_header ${header.join(' ')};`);
  return `location ${prefix} { proxy_pass ${target}; ${lines.join(' ')} }`;
};

const configuration = (folder: string, port: number, locations: readonly Location[]): string => `
daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;
events { worker_connections 64; }
http {
  access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    ${locations.map(blockOf).join('\n    ')}
  }
}`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts nginx with WebSockets, and waits until it listens. */
export async function startNginx(locations: readonly Location[]): Promise<Nginx> {
  const folder = await mkdtemp(path.join(tmpdir(), 'nginx-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(`${folder}/nginx.conf`, configuration(folder, port, locations));
  const child = spawn(PROGRAM, ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', 'stderr'], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true });
  };
  try {
    await vi.waitFor(() => fetch(url), { timeout: 60_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}
