import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, hasBrowser, openBrowser } from '../support/browser.ts';
import { useGateway } from '../support/gateway.ts';
import { expectClean, openLive, TIMEOUT } from './support/page.ts';

const SIZES = [
  ['light', { width: 1280, height: 800 }],
  ['dark', { width: 1280, height: 800 }],
  ['light', { width: 390, height: 780 }],
  ['dark', { width: 390, height: 780 }],
] as const;

describe.runIf(hasBrowser('The look of the dashboard (test/dashboard/look.test.ts)'))(
  'the look of the dashboard',
  () => {
    const gateway = useGateway({}, {}, 'made-up');
    let browser: Browser;
    beforeAll(async () => {
      browser = await openBrowser();
    }, TIMEOUT);
    afterAll(() => browser.close());

    it.each(SIZES)(
      'has no accessibility problem, %s, %o: table, details, each dialog, and sign-in',
      async (colorScheme, size) => {
        const live = await openLive(browser, gateway().url, { query: '?state=OK' });
        const { page } = live;
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.getByRole('button', { name: 'Make something happen' }).click();
        expect(await live.problems(), 'table').toEqual([]);
        await page.getByRole('button', { name: 'Make something happen' }).click();
        await page.getByRole('button', { name: 'New snapshot' }).click();
        await page.getByRole('option', { name: /GiB/ }).first().waitFor({ state: 'attached' });
        expect(await live.problems(), 'create').toEqual([]);
        await page.keyboard.press('Escape');
        await page.locator('.grid-body .row').first().click();
        await page.getByRole('heading', { name: 'Properties' }).waitFor();
        expect(await live.problems(), 'details').toEqual([]);
        for (const name of ['Restore …', 'Edit …', 'Delete …']) {
          await page.getByRole('button', { name }).click();
          expect(await live.problems(), name).toEqual([]);
          await page.keyboard.press('Escape');
        }
        // Nothing is wider than the screen.
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        expectClean(live, gateway().url);
        await page.close();
      },
      TIMEOUT,
    );

    it(
      'keeps the chosen colours',
      async () => {
        const live = await openLive(browser, gateway().url);
        const ground = () => live.page.evaluate('getComputedStyle(document.body).backgroundColor');
        const light = await ground();
        await live.page.getByLabel('Colours').selectOption('dark');
        const dark = await ground();
        expect(dark).not.toBe(light);
        await live.page.reload();
        await expect.poll(ground).toBe(dark);
        await live.page.getByLabel('Colours').selectOption('auto');
        await live.page.close();
      },
      TIMEOUT,
    );

    it(
      'holds only the rows in sight',
      async () => {
        const live = await openLive(browser, gateway().url);
        const rows = live.page.locator('.grid-body .row');
        await expect.poll(() => live.page.getByRole('grid').getAttribute('aria-rowcount')).toBe('406');
        expect(await rows.count()).toBeLessThan(40);
        await live.page.locator('.grid').evaluate((grid) => grid.scrollTo(0, 10_000));
        await expect.poll(async () => Number(await rows.first().getAttribute('aria-rowindex'))).toBeGreaterThan(150);
        expect(await rows.count()).toBeLessThan(40);
        await live.page.close();
      },
      TIMEOUT,
    );
  },
);
