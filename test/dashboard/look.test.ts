import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, hasBrowser, openSharedBrowser } from '../support/browser.ts';
import { useGateway } from '../support/gateway.ts';
import { expectClean, type Live, openLive, TIMEOUT } from './support/page.ts';

const SIZES = [
  ['light', { width: 1280, height: 800 }, 0],
  ['dark', { width: 1280, height: 800 }, 1],
  ['light', { width: 390, height: 780 }, 2],
] as const;

/** Dialogs to open in each size, by their buttons. */
const DIALOGS = [['Restore …', 'Delete …'], ['Edit …'], ['New snapshot of the volume …']];

describe.runIf(hasBrowser('The look of the dashboard (test/dashboard/look.test.ts)'))(
  'the look of the dashboard',
  () => {
    const gateway = useGateway({ simulatorActivity: false }, {}, 'made-up');
    let browser: Browser;
    let live: Live;
    beforeAll(async () => {
      browser = await openSharedBrowser();
      live = await openLive(browser, gateway().url, { query: '?state=OK' });
    }, TIMEOUT);
    afterAll(() => browser.close());

    it.each(SIZES)(
      'has no accessibility problem, %s, %o: table, details, dialogs',
      async (colorScheme, size, i) => {
        const { page } = live;
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const panel = page.getByRole('button', { name: 'Make something happen' });
        await panel.click();
        expect(await live.problems(), 'table and panel').toEqual([]);
        await panel.click();
        await page.locator('.grid-body .row').first().click();
        await page.getByRole('heading', { name: 'Properties' }).waitFor();
        expect(await live.problems(), 'details').toEqual([]);
        // Behind a dialog the rest is inert, so each is looked at in one size.
        for (const name of DIALOGS[i] ?? []) {
          await page.getByRole('button', { name }).click();
          expect(await live.problems(), name).toEqual([]);
          await page.keyboard.press('Escape');
        }
        // Nothing is wider than the screen.
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        await page.getByRole('button', { name: /^(?:Close|Back)$/ }).click();
        expectClean(live, gateway().url);
      },
      TIMEOUT,
    );

    it(
      'keeps the chosen colours',
      async () => {
        const ground = () => live.page.evaluate('getComputedStyle(document.body).backgroundColor');
        const light = await ground();
        await live.page.getByLabel('Colours').selectOption('dark');
        const dark = await ground();
        expect(dark).not.toBe(light);
        await live.page.reload();
        await expect.poll(ground).toBe(dark);
        await live.page.getByLabel('Colours').selectOption('auto');
      },
      TIMEOUT,
    );

    it(
      'holds only the rows in sight',
      async () => {
        await live.page.setViewportSize(SIZES[0][1]);
        await live.page.getByRole('button', { name: /^All/ }).click();
        const rows = live.page.locator('.grid-body .row');
        await expect.poll(() => live.page.getByRole('grid').getAttribute('aria-rowcount')).toBe('406');
        expect(await rows.count()).toBeLessThan(40);
        await live.page.locator('.grid').evaluate((grid) => grid.scrollTo(0, 10_000));
        await expect.poll(async () => Number(await rows.first().getAttribute('aria-rowindex'))).toBeGreaterThan(150);
        expect(await rows.count()).toBeLessThan(40);
      },
      TIMEOUT,
    );
  },
);
