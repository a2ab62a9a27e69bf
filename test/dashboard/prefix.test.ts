import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Browser, hasBrowser, openBrowser } from '../support/browser.ts';
import { hasProgram } from '../support/debian.ts';
import { useGateway } from '../support/gateway.ts';
import { expectClean, openLive, TIMEOUT } from './support/page.ts';

const WHAT = 'The dashboard below a path prefix behind nginx (test/dashboard/prefix.test.ts)';
const NGINX = '/usr/sbin/nginx';
const isPossible = hasBrowser(WHAT) && hasProgram(WHAT, NGINX, 'nginx-light');

/** Passes on `/snapshots/`, without the prefix and with it. */
const configuration = (folder: string, port: number, gateway: string): string => `
daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;
events { worker_connections 64; }
http {
  access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $http_connection;
    location /snapshots/ { proxy_pass ${gateway}/; }
    location /deep/er/ { proxy_pass ${gateway}/; }
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

describe.runIf(isPossible)('below a path prefix behind nginx', () => {
  const gateway = useGateway({}, {}, 'made-up');
  let folder: string;
  let nginx: ChildProcess;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nginx-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    await writeFile(`${folder}/nginx.conf`, configuration(folder, port, gateway().url));
    nginx = spawn(NGINX, ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', 'stderr'], { stdio: 'inherit' });
    browser = await openBrowser();
    await vi.waitFor(() => fetch(`${url}/snapshots/health/live`), { timeout: TIMEOUT });
  }, TIMEOUT);
  afterAll(async () => {
    const ended = once(nginx, 'exit');
    nginx.kill('SIGTERM');
    await Promise.all([ended, browser.close()]);
    await rm(folder, { recursive: true });
  });

  it.each(['/snapshots', '/deep/er'])(
    '%s: page, streams and controls work without BASE_PATH',
    async (prefix) => {
      const live = await openLive(browser, url + prefix);
      await live.page.locator('.status').getByText('Live').waitFor();
      await live.page.locator('.grid-body .row').first().click();
      await live.page.getByRole('heading', { name: 'Properties' }).waitFor();
      expect(await live.page.getByLabel('User').locator('option').count()).toBeGreaterThan(3);
      expect(
        live.requests.filter((one) => !new URL(one).pathname.startsWith(prefix) && !one.startsWith('data:')),
      ).toEqual([]);
      expectClean(live, url);
      await live.page.close();
    },
    TIMEOUT,
  );

  it('a slash at the end leads back below the prefix', async () => {
    const { url: reached, status } = await fetch(`${url}/snapshots/live/?q=a`);
    expect([status, reached]).toEqual([200, `${url}/snapshots/live?q=a`]);
  });
});
