import type { Locator } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configWith } from '../../src/config.ts';
import { createGateway } from '../../src/gateway.ts';
import { EXAMPLES } from '../../src/server/explorer/examples.ts';
import { type Browser, hasBrowser, openSharedBrowser } from '../support/browser.ts';
import { useGateway } from '../support/gateway.ts';
import { foreign, openExplorer } from './support/explorer.ts';

const TABS = ['Snapshots', 'Snapshot', 'Restore', 'Progress', 'Changes', 'Dashboard'];
/** Starting a browser on a busy machine takes its time, and so does the first bundle. */
const TIMEOUT = 90_000;

describe.runIf(hasBrowser('The explorer in a browser (test/explorer/browser.test.ts)'))('the explorer', () => {
  const gateway = useGateway({}, {}, 'made-up');
  let browser: Browser;
  beforeEach(async () => {
    browser = await openSharedBrowser();
  }, TIMEOUT);
  afterEach(() => browser.close());

  const userNamed = (username: string) => {
    const user = gateway()
      .simulator.tokens()
      .find((one) => one.username === username);
    if (user === undefined) throw new Error(`the made-up world has no user ${username}`);
    return user;
  };

  it(
    'opens on the examples as the demo user, runs a query by Ctrl-Enter, and keeps the console empty',
    async () => {
      const explorer = await openExplorer(browser, gateway().url);
      expect(await explorer.tabs()).toEqual(TABS);
      expect(await explorer.activeTab()).toBe('Snapshots');
      await explorer.signIn('Signed in as owner.');
      await explorer.run();
      await explorer.result('"totalCount"');
      await explorer.openTab('Dashboard');
      await explorer.run();
      await explorer.result('"owner"');
      const text = await explorer.page.locator('body').innerText();
      expect(text).not.toMatch(/sponsor|ruru/i);
      expect(await explorer.page.title()).toBe('Waldur snapshots: GraphQL explorer');
      expect(foreign(explorer.requests, gateway().url)).toEqual([]);
      expect(explorer.complaints).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'has one credential for all tabs, which survives a reload and is not stored for longer',
    async () => {
      const first = await openExplorer(browser, gateway().url);
      await first.page.getByLabel('User').selectOption({ label: 'stranger' });
      await first.signIn('Signed in as stranger.');
      await first.run();
      await first.result('"totalCount": 0');
      await first.openTab('Dashboard');
      await first.run();
      await first.result('"stranger"');
      await first.page.reload();
      await first.signIn('Signed in as stranger.');
      const stored = await first.page.evaluate('JSON.stringify(localStorage)');
      expect(stored).not.toContain(userNamed('stranger').token);
      await first.page.close();
      // Another tab of the browser is another session.
      const second = await openExplorer(browser, gateway().url);
      await second.signIn('Signed in as owner.');
      expect(second.complaints).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'marks mistakes, which its workers find',
    async () => {
      const { page, complaints } = await openExplorer(browser, gateway().url);
      await page.locator('.graphiql-query-editor .view-lines').click();
      await page.keyboard.press('Control+Home');
      await page.keyboard.type('{ nothing }\n');
      await page.locator('.graphiql-query-editor .squiggly-error').first().waitFor();
      expect(complaints).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'explains a query in words, and does not run a mutation for it',
    async () => {
      const explorer = await openExplorer(browser, gateway().url);
      const explain = explorer.page.getByRole('button', { name: /^Explain/ });
      const words = explorer.page.getByRole('region', { name: 'Explanation' });
      await explain.click();
      await words.getByText(/Estimated rows: [\d,]+ of 50,000 allowed\./).waitFor();
      await words.getByText(/Requests to Waldur: \d+\./).waitFor();
      await explorer.openTab('Restore');
      gateway().simulator.resetStats();
      await explain.click();
      await words.getByText('a mutation is not explained').waitFor();
      expect(gateway().simulator.stats().total).toBe(0);
      expect(explorer.complaints).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'lists the events of a subscription, goes on while another tab is open, and stops',
    async () => {
      const explorer = await openExplorer(browser, gateway().url);
      const { page } = explorer;
      const events = page.getByRole('region', { name: 'Events' });
      await explorer.openTab('Changes');
      await explorer.run();
      await events.locator('b').getByText('BOOKMARK').waitFor();
      expect(explorer.requests).toContain(`${gateway().url.replace(/^http/, 'ws')}/graphql`);
      // The list is longer than the window, and scrolls. The rest stays where it is.
      const oldest = events.locator('li').last();
      await oldest.scrollIntoViewIfNeeded();
      const bottomOf = async (part: Locator): Promise<number> => {
        const box = await part.boundingBox();
        return (box?.y ?? Number.POSITIVE_INFINITY) + (box?.height ?? 0);
      };
      expect(await events.locator('ol').evaluate((list) => list.scrollTop)).toBeGreaterThan(800);
      for (const part of [oldest, events, page.getByRole('button', { name: 'Variables' })]) {
        expect(await bottomOf(part)).toBeLessThanOrEqual(800);
      }
      await explorer.openTab('Snapshot');
      expect(await events.count()).toBe(0);
      const uuid = EXAMPLES.find(({ variables }) => variables?.uuid !== undefined)?.variables?.uuid;
      await fetch(`${gateway().simulator.url}/__sim/snapshots/${uuid}`, {
        method: 'PATCH',
        body: '{ "name": "changed meanwhile" }',
      });
      await explorer.openTab('Changes');
      await events.getByText('name: changed meanwhile').waitFor();
      // Not one value that is null.
      expect(await events.locator('summary').allInnerTexts()).not.toContainEqual(expect.stringContaining('null'));
      await events.getByText(/^Running/).waitFor();
      await page.locator('.graphiql-execute-button').click();
      await events.getByText(/^Stopped/).waitFor();
      expect(foreign(explorer.requests, gateway().url)).toEqual([]);
      expect(explorer.complaints).toEqual([]);
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
    'restores its tabs at the next visit, and adds none',
    async () => {
      const first = await openExplorer(browser, `${gateway().url}/graphiql`);
      await first.openTab('Restore');
      await first.run();
      await first.result('"restored-from-graphiql"');
      // Half a second later; what is closed before opens on the tab of then.
      await expect
        .poll(() => first.page.evaluate("JSON.parse(localStorage['graphiql:tabState']).activeTabIndex"))
        .toBe(TABS.indexOf('Restore'));
      await first.page.evaluate("localStorage['graphiql:query'] = '{ viewer { uuid } }'");
      await first.page.close();
      const second = await openExplorer(browser, `${gateway().url}/graphiql`);
      expect(await second.tabs()).toEqual(TABS);
      expect(await second.activeTab()).toBe('Restore');
    },
    TIMEOUT,
  );

  it(
    'asks for a token where there is no embedded Waldur, and says what to do about a wrong one',
    async () => {
      const waldurApiUrl = gateway().simulator.url;
      const remote = await createGateway(configWith({ port: 0, waldurApiUrl, logLevel: 'silent' }));
      try {
        const explorer = await openExplorer(browser, remote.url);
        await explorer.signIn(/Paste your Waldur API token .* user profile/);
        expect(await explorer.page.getByLabel('User').count()).toBe(0);
        await explorer.run();
        await explorer.result('"UNAUTHENTICATED"');
        await explorer.page.getByLabel('API token').fill('f'.repeat(40));
        await explorer.page.keyboard.press('Enter');
        await explorer.signIn(/does not accept this token.* copy the present one/);
        // With the scheme, as it stands in examples.
        const { token } = userNamed('manager');
        await explorer.page.getByLabel('API token').fill(`Token ${token}`);
        await explorer.page.getByRole('button', { name: 'Sign in' }).click();
        await explorer.signIn('Signed in as manager.');
        await explorer.run();
        await explorer.result('"totalCount": 3');
        gateway().simulator.world.setToken(
          [...gateway().simulator.world.tables.users.values()].find((user) => user.token === token) ??
            expect.unreachable(),
          null,
        );
        await explorer.openTab('Dashboard');
        await explorer.run();
        await explorer.signIn(/does not accept this token/);
      } finally {
        await remote.close();
      }
    },
    TIMEOUT,
  );
});

describe.runIf(hasBrowser('The explorer on a phone'))('the explorer on a phone', () => {
  const gateway = useGateway({}, {}, 'made-up');

  it(
    'shows the editor, its buttons and the result without scrolling sideways',
    async () => {
      const browser = await openSharedBrowser({ width: 390, height: 780 });
      try {
        const explorer = await openExplorer(browser, gateway().url);
        await explorer.signIn('Signed in as owner.');
        await explorer.page.locator('.graphiql-execute-button').click();
        await explorer.result('"totalCount"');
        const wide = await explorer.page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(wide).toBeLessThanOrEqual(0);
        for (const part of [
          '.graphiql-query-editor',
          '.graphiql-execute-button',
          '.result-window',
          '.sign-in select',
        ]) {
          const box = await explorer.page.locator(part).boundingBox();
          expect([part, box?.x ?? -1, (box?.x ?? 0) + (box?.width ?? 0)]).toEqual([
            part,
            expect.toSatisfy((x: number) => x >= 0),
            expect.toSatisfy((x: number) => x <= 390),
          ]);
          expect(box?.height).toBeGreaterThan(20);
        }
      } finally {
        await browser.close();
      }
    },
    TIMEOUT,
  );
});
