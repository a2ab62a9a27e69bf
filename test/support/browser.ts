import { chromium, type Page } from 'playwright-core';
import { hasProgram } from './debian.ts';

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

/** Debian's Chromium; see `hasProgram`. @param what is named when it has to be skipped. */
export const hasBrowser = (what: string): boolean => hasProgram(what, CHROMIUM, 'chromium', 'fonts-liberation');

/** A browser without a past, that asks nothing of anybody by itself. */
export interface Browser {
  newPage(): Promise<Page>;
  /** Ends it, with what its pages have stored. */
  close(): Promise<void>;
}

const SCREEN = { width: 1280, height: 800 };

const launch = () => chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });

/** Starts a Chromium of its own. */
export async function openBrowser(viewport = SCREEN): Promise<Browser> {
  const browser = await launch();
  const context = await browser.newContext({ viewport });
  return { newPage: () => context.newPage(), close: () => browser.close() };
}

let shared: ReturnType<typeof launch> | undefined;

/**
 * As `openBrowser`, for tests: all files of a worker share one Chromium, which ends with the worker. Nothing that pages store is
 * shared. Pages do not animate, which would occupy a processor for as long as they are open.
 */
export async function openSharedBrowser(viewport = SCREEN): Promise<Browser> {
  shared ??= launch();
  // One that has crashed fails its test only.
  if (!(await shared).isConnected()) shared = launch();
  const context = await (await shared).newContext({ viewport, reducedMotion: 'reduce' });
  return { newPage: () => context.newPage(), close: () => context.close() };
}
