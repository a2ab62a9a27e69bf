import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/**
 * Debian's Chromium; installed when this is a Debian with root, as on a fresh machine of CI.
 * @returns false, and says so, where it can neither be found nor installed.
 */
export function hasBrowser(): boolean {
  if (existsSync(CHROMIUM)) return true;
  try {
    execFileSync('sh', ['-c', 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium'], {
      stdio: 'ignore',
      timeout: 240_000,
    });
  } catch {
    // Judged by what is there now.
  }
  if (existsSync(CHROMIUM)) return true;
  console.warn(`SKIPPED: tests in a browser. There is no ${CHROMIUM}, and it could not be installed with apt-get.`);
  return false;
}

/** A browser of its own, without a past, that asks nothing of anybody by itself. */
export async function openBrowser(viewport = { width: 1280, height: 800 }): Promise<BrowserContext> {
  return chromium.launchPersistentContext(await mkdtemp(path.join(tmpdir(), 'chromium-')), {
    executablePath: CHROMIUM,
    headless: true,
    viewport,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
