import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, hasBrowser, openSharedBrowser } from '../support/browser.ts';
import { useGateway } from '../support/gateway.ts';
import { expectClean, type Live, openLive, TIMEOUT } from './support/page.ts';
import { change, openAsStaff, settledIn, type Target } from './support/targets.ts';

/** By how much the waits of Waldur are shorter: a restore then takes two seconds. */
const SCALE = 20;

describe.runIf(hasBrowser('The dashboard in a browser (test/dashboard/browser.test.ts)'))('the dashboard', () => {
  const gateway = useGateway({ simulatorActivity: false }, { simulator: { scale: SCALE } }, 'made-up');
  let browser: Browser;
  beforeAll(async () => {
    browser = await openSharedBrowser();
  }, TIMEOUT);
  afterAll(() => browser.close());

  const openOn = (target: Target): Promise<Live> => openAsStaff(browser, gateway(), target);

  it(
    'follows a restore to its end, also across a reload, and lists it',
    async () => {
      const live = await openOn(settledIn(gateway()));
      const { page } = live;
      await page.getByRole('button', { name: 'Restore …' }).click();
      await page.getByLabel('Name of the volume').fill('brought-back');
      await page.getByRole('button', { name: 'Restore', exact: true }).click();
      const restore = page.locator('.restore');
      await restore.getByRole('progressbar').waitFor();
      await page.locator('.details').getByText('brought-back').waitFor();
      await page.reload();
      await restore.getByText('The new volume is ready.').waitFor();
      await page.locator('.restoration').filter({ hasText: 'brought-back' }).locator('.chip.good').waitFor();
      await page.locator('.tried').getByText('accepted', { exact: true }).waitFor();
      await page.getByRole('button', { name: /^Dismiss/ }).click();
      await restore.waitFor({ state: 'detached' });
      expectClean(live, gateway().url);
      await page.close();
    },
    TIMEOUT,
  );

  it(
    'says why an action is not possible, and what Waldur refused',
    async () => {
      const target = settledIn(gateway());
      const live = await openOn(target);
      const { page } = live;
      await page.getByRole('button', { name: 'Edit …' }).click();
      await page.getByLabel('Metadata').fill('{ no json');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.locator('.field-error').getByText('This is not JSON').waitFor();
      await page.getByLabel('Metadata').fill('[1]');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.locator('.dialog [role=alert]').getByText('object').waitFor();
      await page.getByLabel('Metadata').fill('{ "a": "b" }');
      await page.getByLabel('Name').fill('edited-here');
      await page.getByRole('button', { name: 'Save' }).click();
      await live.row('edited-here').first().waitFor();
      await page.locator('.tried .refused').waitFor();
      // Changed at the same moment by somebody else: Waldur has the last word.
      change(gateway(), target.uuid, { state: 'UPDATING' });
      const restore = page.getByRole('button', { name: 'Restore …' });
      await expect.poll(() => restore.isDisabled()).toBe(true);
      const reason = await restore.getAttribute('aria-describedby');
      await expect.poll(() => page.locator(`#${reason}`).innerText()).toContain('UPDATING');
      expectClean(live, gateway().url);
      await page.close();
    },
    TIMEOUT,
  );

  it(
    'creates a snapshot of a volume that was searched for, and deletes it',
    async () => {
      const live = await openLive(browser, gateway().url);
      const { page } = live;
      await page.getByRole('button', { name: 'New snapshot' }).click();
      await page.getByLabel('Search a volume').fill('web');
      await page.getByLabel('Name', { exact: true }).fill('made-here');
      await page.getByRole('option', { name: /^web/ }).first().waitFor({ state: 'attached' });
      await page.getByLabel('Volume', { exact: true }).selectOption({ index: 0 });
      await page.getByRole('button', { name: 'Create', exact: true }).click();
      await live.row('made-here').locator('.chip.good').waitFor();
      await page.getByRole('button', { name: 'Delete …' }).click();
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      await page.locator('.details').getByText('does not exist any more').waitFor();
      // The table and the details have streams of their own.
      await expect.poll(() => live.row('made-here').count()).toBe(0);
      expectClean(live, gateway().url);
      await page.close();
    },
    TIMEOUT,
  );

  it(
    'filters by bar, search and project, with the filters in the URL',
    async () => {
      const live = await openLive(browser, gateway().url);
      const { page } = live;
      await page.getByRole('button', { name: /^Erred/ }).click();
      await expect.poll(() => page.locator('.grid-body .row').count()).toBeLessThan(20);
      expect(new URL(page.url()).search).toBe('?state=ERRED');
      await page.getByLabel('Search').fill('no such snapshot');
      await page.getByText('None of the').waitFor();
      expect(new URL(page.url()).searchParams.get('q')).toBe('no such snapshot');
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await page.getByLabel('Project').selectOption({ index: 1 });
      const address = page.url();
      const chosen = await page.getByLabel('Project').inputValue();
      expect(new URL(address).searchParams.get('project')).toBe(chosen);
      await page.goto(address);
      await page.locator('.grid-body .row').first().waitFor();
      expect(await page.getByLabel('Project').inputValue()).toBe(chosen);
      await page.getByRole('button', { name: 'Size' }).click();
      await expect.poll(() => new URL(page.url()).searchParams.get('sort')).toBe('size');
      await page.goBack();
      await expect.poll(() => page.url()).toBe(address);
      expectClean(live, gateway().url);
      await page.close();
    },
    TIMEOUT,
  );

  it(
    'is used by the keyboard alone',
    async () => {
      const live = await openLive(browser, gateway().url, { query: '?state=OK' });
      const { page } = live;
      const tabTo = async (selector: string) => {
        for (let i = 0; i < 40 && !(await page.locator(`${selector}:focus`).count()); i++)
          await page.keyboard.press('Tab');
        expect(await page.locator(`${selector}:focus`).count(), selector).toBe(1);
      };
      await tabTo('.grid');
      for (const key of ['ArrowDown', 'ArrowDown', 'End', 'PageUp', 'Home', 'ArrowDown'])
        await page.keyboard.press(key);
      const active = await page.getByRole('grid').getAttribute('aria-activedescendant');
      expect(await page.locator(`#${active}`).getAttribute('aria-rowindex')).toBe('3');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Properties' }).waitFor();
      await page.locator('.details h2:focus').waitFor();
      await tabTo('.actions .primary');
      await page.keyboard.press('Enter');
      await page.getByLabel('Name of the volume').waitFor();
      await page.keyboard.press('Control+A');
      await page.keyboard.type('typed');
      await page.keyboard.press('Enter');
      await page.locator('.restore').getByText('typed').waitFor();
      await page.locator('.actions .primary:focus').waitFor();
      await page.keyboard.press('Escape');
      await page.locator('.grid:focus').waitFor();
      expect(await page.locator('.details').count()).toBe(0);
      expectClean(live, gateway().url);
      await page.close();
    },
    TIMEOUT,
  );
});
