import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page that needs another host fails here as it would in a cloud without a way out.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/**
 * Debian's Chromium; installed when this is a Debian with root, as on a fresh machine of CI.
 * @param what is named when it has to be skipped.
 * @returns false, and says so, where it can neither be found nor installed.
 */
export function hasBrowser(what: string): boolean {
  if (existsSync(CHROMIUM)) return true;
  const reason = installChromium();
  if (reason === undefined) return true;
  console.warn(`\nSKIPPED: ${what}\n  There is no ${CHROMIUM}: ${reason}\n`);
  return false;
}

/** @returns why it could not be installed; undefined when it was. */
function installChromium(): string | undefined {
  if (!existsSync('/etc/debian_version')) return 'this is not Debian, where it could be installed.';
  if (process.getuid?.() !== 0) return 'only root may install it (apt-get install chromium).';
  const install = 'apt-get update && apt-get install -y --no-install-recommends chromium fonts-liberation';
  const { status, stderr } = spawnSync('sh', ['-c', install], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (existsSync(CHROMIUM)) return undefined;
  return `apt-get could not install it (status ${status}): ${stderr.trim().split('\n').at(-1) ?? ''}`;
}

/** A browser without a past, that asks nothing of anybody by itself. */
export interface Browser {
  newPage(): Promise<Page>;
  /** Ends it and takes its profile away. */
  close(): Promise<void>;
}

export async function openBrowser(viewport = { width: 1280, height: 800 }): Promise<Browser> {
  const profile = await mkdtemp(path.join(tmpdir(), 'chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    viewport,
    args: ARGUMENTS,
  });
  return {
    newPage: () => context.newPage(),
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
