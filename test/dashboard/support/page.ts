import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Browser } from '../../support/browser.ts';

/** Starting a browser on a busy machine takes its time. */
export const TIMEOUT = 90_000;

/** Where the page keeps its token. */
const TOKEN_KEY = 'waldur-snapshots:token';

/** The dashboard in a browser, with what the browser noticed. */
export interface Live {
  readonly page: Page;
  /** Addresses that were requested so far, of WebSockets too. */
  readonly requests: readonly string[];
  /** What the browser complained about: scripts that failed, what the policy forbade, files that were not there. */
  readonly complaints: readonly string[];
  /** The row of a snapshot. */
  row(name: string): ReturnType<Page['locator']>;
  /** Opens the details of a snapshot. */
  open(name: string): Promise<void>;
  /** The accessibility problems that axe finds: rule and elements. */
  problems(): Promise<string[]>;
}

export interface LiveOptions {
  /** Query of the URL, with its question mark. */
  readonly query?: string;
  /** Token that the browser tab has; absent: what the page begins with. */
  readonly token?: string;
  /** Whether rows are expected. */
  readonly hasRows?: boolean;
}

/** @param url of the gateway, with its path prefix. */
export async function openLive(browser: Browser, url: string, options: LiveOptions = {}): Promise<Live> {
  const { query = '', token, hasRows = true } = options;
  const page = await browser.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  if (token !== undefined) {
    // Only until the page has one of its own: a reload keeps it.
    await page.addInitScript(([key, value]) => sessionStorage.getItem(key) ?? sessionStorage.setItem(key, value), [
      TOKEN_KEY,
      token,
    ] as const);
  }
  await page.goto(`${url}/live${query}`);
  if (hasRows) await page.locator('.grid-body .row').first().waitFor();
  const row: Live['row'] = (name) =>
    page.locator('.grid-body .row').filter({ has: page.getByText(name, { exact: true }) });
  return {
    page,
    requests,
    complaints,
    row,
    async open(name) {
      await row(name).first().click();
      await page.getByRole('heading', { name: 'Properties' }).waitFor();
    },
    async problems() {
      // Through the debugger, since the policy of the page allows no further script.
      await page.evaluate(axe.source);
      const { violations }: axe.AxeResults = await page.evaluate("axe.run({ resultTypes: ['violations'] })");
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    },
  };
}

/** Addresses that are not those of the gateway. What a page carries in itself (`data:`) has no host. */
export const foreign = (addresses: readonly string[], own: string): string[] =>
  addresses.filter((address) => {
    const { protocol, host } = new URL(address);
    return protocol !== 'data:' && host !== new URL(own).host;
  });

const TICK_MS = 20;

/**
 * Runs a change, and measures how long the page takes to show it. Time in which a busy machine did not run this process, which is also that of the
 * gateway, does not count: timers that are late measure it.
 * @returns ms
 */
export async function delayOf(change: () => unknown, shown: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  let lost = 0;
  let due = began + TICK_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    lost += Math.max(0, now - due);
    due = now + TICK_MS;
  }, TICK_MS);
  try {
    await change();
    await shown();
    return performance.now() - began - lost;
  } finally {
    clearInterval(timer);
  }
}

export const expectClean = ({ complaints, requests }: Live, url: string): void => {
  expect(complaints).toEqual([]);
  expect(foreign(requests, url)).toEqual([]);
};
