import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configWith } from '../../src/config.ts';
import { createGateway } from '../../src/gateway.ts';
import { type Browser, hasBrowser, openBrowser } from '../support/browser.ts';
import { useGateway } from '../support/gateway.ts';
import { demoAuthorization } from './support/demo.ts';

const TABS = ['Snapshots', 'Snapshot', 'Restore', 'Progress', 'Changes', 'Dashboard'];
/** Starting a browser on a busy machine takes its time. */
const TIMEOUT = 90_000;

/** Addresses that are not the gateway's; what a page carries in itself (`data:`) has no host to ask. */
const foreign = (addresses: readonly string[], own: string): string[] =>
  addresses.filter((address) => {
    const { protocol, host } = new URL(address);
    return protocol !== 'data:' && host !== new URL(own).host;
  });

describe.runIf(hasBrowser('GraphiQL in a browser (test/explorer/browser.test.ts)'))('GraphiQL in a browser', () => {
  const gateway = useGateway({}, {}, 'made-up');
  let browser: Browser;
  beforeEach(async () => {
    browser = await openBrowser();
  }, TIMEOUT);
  afterEach(() => browser.close());

  it(
    'opens on the examples as the demo user and runs a query by Ctrl-Enter',
    async () => {
      const graphiql = await openGraphiQL(browser, gateway().url);
      expect(await graphiql.tabs()).toEqual(TABS);
      expect(await graphiql.activeTab()).toBe('Snapshots');
      expect(await graphiql.headers()).toContain(demoAuthorization(gateway()).slice(0, 30));
      await graphiql.run('"totalCount"');
      await graphiql.openTab('Dashboard');
      await graphiql.run('"owner"');
      expect(foreign(graphiql.requests, gateway().url)).toEqual([]);
      expect(graphiql.complaints).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'marks mistakes, which its workers find',
    async () => {
      const { page, complaints } = await openGraphiQL(browser, gateway().url);
      await page.locator('.graphiql-query-editor .view-lines').click();
      await page.keyboard.press('Control+Home');
      await page.keyboard.type('{ nothing }\n');
      await page.locator('.graphiql-query-editor .squiggly-error').first().waitFor();
      expect(complaints).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'subscribes with the credentials of the header editor',
    async () => {
      const graphiql = await openGraphiQL(browser, gateway().url);
      await graphiql.openTab('Changes');
      await graphiql.run('"BOOKMARK"');
      expect(graphiql.requests).toContain(`${gateway().url.replace(/^http/, 'ws')}/graphql`);
      expect(foreign(graphiql.requests, gateway().url)).toEqual([]);
      expect(graphiql.complaints).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'opens a tab, with its document, on the earliest possible click',
    async () => {
      const page = await browser.newPage();
      await page.goto(gateway().url, { waitUntil: 'commit' });
      await page.locator('.graphiql-tab').getByText('Changes', { exact: true }).click();
      const document = page.locator('.graphiql-query-editor .view-lines');
      await expect.poll(() => document.textContent(), { timeout: TIMEOUT }).toContain('subscription');
    },
    TIMEOUT,
  );

  it(
    'restores its tabs at the next visit, and stores no token',
    async () => {
      const first = await openGraphiQL(browser, `${gateway().url}/graphiql`);
      await first.openTab('Restore');
      await first.run('"restored-from-graphiql"');
      // Half a second later; what is closed before opens on the tab of then.
      await expect
        .poll(() => first.page.evaluate("JSON.parse(localStorage['graphiql:tabState']).activeTabIndex"))
        .toBe(TABS.indexOf('Restore'));
      await first.page.close();
      const second = await openGraphiQL(browser, `${gateway().url}/graphiql`);
      expect(await second.tabs()).toEqual(TABS);
      expect(await second.activeTab()).toBe('Restore');
      expect(await second.headers()).toContain('"Authorization"');
      const stored = await second.page.evaluate('JSON.stringify(localStorage)');
      expect(stored).toContain('restored-from-graphiql');
      expect(stored).not.toContain(demoAuthorization(gateway()).replace('Token ', ''));
    },
    TIMEOUT,
  );

  it(
    'adds no tab when it was closed before the open tab was stored',
    async () => {
      const first = await openGraphiQL(browser, `${gateway().url}/graphiql`);
      await first.page.evaluate("localStorage['graphiql:query'] = '{ viewer { uuid } }'");
      await first.page.close();
      const second = await openGraphiQL(browser, `${gateway().url}/graphiql`);
      expect(await second.tabs()).toEqual(TABS);
    },
    TIMEOUT,
  );

  it(
    'asks for a token where there is no embedded Waldur to take one from',
    async () => {
      const waldurApiUrl = gateway().simulator.url;
      const remote = await createGateway(configWith({ port: 0, waldurApiUrl, logLevel: 'silent' }));
      try {
        const graphiql = await openGraphiQL(browser, remote.url);
        expect(await graphiql.headers()).toContain('Your Waldur API token');
        await graphiql.run('"UNAUTHENTICATED"');
        expect(graphiql.complaints).toEqual([]);
      } finally {
        await remote.close();
      }
    },
    TIMEOUT,
  );
});

/** GraphiQL in a browser, used as a person does: by what is on the screen, and the keyboard. */
interface GraphiQL {
  readonly page: Page;
  tabs(): Promise<string[]>;
  activeTab(): Promise<string>;
  openTab(name: string): Promise<void>;
  /** Runs the document of the tab and waits for an answer that contains the text. */
  run(expected: string): Promise<void>;
  /** What the header editor shows. */
  headers(): Promise<string>;
  /** Addresses asked for so far, of WebSockets too. */
  readonly requests: readonly string[];
  /** What the browser complained about: scripts that failed, what the policy forbade, files that were not there. */
  readonly complaints: readonly string[];
}

/** Opens the page and waits until it knows the schema. */
async function openGraphiQL(browser: Browser, url: string): Promise<GraphiQL> {
  const page = await browser.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const introspection = page.waitForResponse((response) => new URL(response.url()).pathname === '/graphql');
  await page.goto(url);
  await (await introspection).finished();

  const editor = page.locator('.graphiql-query-editor .view-lines');
  const tab = page.locator('.graphiql-tab');
  return {
    page,
    requests,
    complaints,
    tabs: () => tab.allInnerTexts(),
    activeTab: () => page.locator('.graphiql-tab-active').innerText(),
    async openTab(name) {
      await tab.getByText(name, { exact: true }).click();
      // Until the page has taken in the new document it would run the operation of the old one. It stores it last.
      await expect
        .poll(() => page.evaluate("localStorage['graphiql:query']"))
        .toMatch(new RegExp(`^\\w+ ${name}\\b`, 'm'));
    },
    async run(expected) {
      await editor.click();
      await page.keyboard.press('Control+Enter');
      await page.locator('.result-window .view-lines').getByText(expected).first().waitFor();
    },
    headers: async () => {
      const text = await page.locator('.graphiql-editor-tool .view-lines:visible').first().innerText();
      return text.replaceAll('\u00a0', ' ');
    },
  };
}
