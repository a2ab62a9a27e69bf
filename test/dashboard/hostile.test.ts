import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, hasBrowser, openSharedBrowser } from '../support/browser.ts';
import { useGateway } from '../support/gateway.ts';
import { expectClean, type Live, openLive, TIMEOUT } from './support/page.ts';
import { change, tokenOfRole } from './support/targets.ts';

const SCRIPT = '<img src=x onerror=alert(1)><script>alert(2)</script>';
/** Names that break pages: markup, one long word, right to left, a direction that is not ended, emoji, blanks. */
const NAMES = [
  SCRIPT,
  'W'.repeat(150),
  'نسخة احتياطية ليلية من قاعدة البيانات الكبيرة',
  'a\u202eb',
  '💾👩‍👩‍👧 🇪🇪',
  '   ',
];

/** Sizes of a window of 1280 x 1024 pixels at a zoom of 200 % and 400 %. */
const ZOOMS = [
  [200, { width: 640, height: 512 }],
  [400, { width: 320, height: 256 }],
] as const;

describe.runIf(hasBrowser('The dashboard and hostile values (test/dashboard/hostile.test.ts)'))('the dashboard', () => {
  const gateway = useGateway({ simulatorActivity: false }, {}, 'made-up');
  let browser: Browser;
  beforeAll(async () => {
    browser = await openSharedBrowser();
  }, TIMEOUT);
  afterAll(() => browser.close());

  const open = (query: string): Promise<Live> =>
    openLive(browser, gateway().url, { query, token: tokenOfRole(gateway(), 'staff') });

  it(
    'shows any name, description, error and metadata as text, with the actions in reach',
    async () => {
      const live = await open('?state=OK');
      const { page } = live;
      const ids = await page.locator('.grid-body .row').evaluateAll((rows) => rows.map(({ id }) => id));
      NAMES.forEach((name, i) => {
        change(gateway(), ids[i]?.replace('row-', '') ?? expect.unreachable(), {
          name,
          description: `${SCRIPT} ${'y'.repeat(2_000)}`,
          error_message: `${name} ${'E'.repeat(5_000)}`,
          metadata: { [SCRIPT]: SCRIPT },
        });
      });
      for (const [i, name] of NAMES.entries()) {
        const shown = name.trim() === '' ? '(no name)' : name;
        const row = page.locator(`[id="${ids[i]}"]`);
        await expect.poll(() => row.locator('.main').textContent()).toBe(shown);
        await row.click();
        await expect.poll(() => page.locator('.details h2').textContent()).toBe(shown);
        await page.getByRole('heading', { name: 'Properties' }).waitFor();
        for (const part of [page.locator('.details'), row]) {
          expect(await part.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
        }
        expect(await page.locator('.details :is(img, script)').count()).toBe(0);
      }
      // The message opens by the keyboard, and is short until then.
      const message = page.locator('.details .notice');
      const height = async (): Promise<number> => (await message.boundingBox())?.height ?? 0;
      const short = await height();
      expect(short).toBeLessThan(200);
      await message.locator('summary').press('Enter');
      expect(await height()).toBeGreaterThan(2 * short);
      expect(await live.problems()).toEqual([]);
      expectClean(live, gateway().url);
      await page.close();
    },
    TIMEOUT,
  );

  it(
    'can be used with a zoom of 200 % and 400 %',
    async () => {
      const live = await open('?state=OK');
      const { page } = live;
      for (const [zoom, size] of ZOOMS) {
        await page.setViewportSize(size);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), `${zoom} %`).toBe(0);
        // Clicking scrolls to the row, as a person does. Without a place in the table it would not be reached.
        await page.locator('.grid-body .row').first().click();
        await page.getByRole('heading', { name: 'Properties' }).waitFor();
        const grid = await page.locator('.grid').boundingBox();
        expect(grid?.height, `${zoom} %`).toBeGreaterThan(120);
        await page.getByRole('button', { name: 'Back' }).click();
      }
      expectClean(live, gateway().url);
      await page.close();
    },
    TIMEOUT,
  );

  it(
    'marks what is chosen, active and coloured when the colours are those of the system',
    async () => {
      const live = await open('?state=OK');
      const { page } = live;
      await page.emulateMedia({ forcedColors: 'active' });
      const style = (selector: string, property: string): Promise<string> =>
        page.evaluate(`getComputedStyle(document.querySelector('${selector}')).${property}`);
      const ground = (selector: string): Promise<string> => style(selector, 'backgroundColor');
      expect(await ground('.count[aria-pressed=true]')).not.toBe(await ground('.count[aria-pressed=false]'));
      expect(await ground('.part.good')).not.toBe(await ground('.bar'));
      await page.locator('.grid').focus();
      await page.keyboard.press('ArrowDown');
      expect(await style('.grid-body .row.active', 'outlineStyle')).toBe('solid');
      expect(await style('.grid-body .row:not(.active)', 'outlineStyle')).toBe('none');
      await page.keyboard.press('Enter');
      await page.locator('.row.open').waitFor();
      expect(await ground('.row.open')).not.toBe(await ground('.row:not(.open)'));
      await page.close();
    },
    TIMEOUT,
  );

  it(
    'asks for a token instead of a dialog that can no longer be sent, in that browser tab only',
    async () => {
      const [one, other] = await Promise.all([
        openLive(browser, gateway().url, { token: tokenOfRole(gateway(), 'manager') }),
        open('?state=OK'),
      ]);
      const { page } = one;
      await page
        .locator('.grid-body .row')
        .filter({ has: page.locator('.chip.good') })
        .first()
        .click();
      await page.getByRole('button', { name: 'Edit …' }).click();
      await page.getByLabel('Name').fill('typed');
      // Back closes the details; the dialog stays until it is closed.
      await page.goBack();
      await page.locator('.details').waitFor({ state: 'detached' });
      expect(await page.getByLabel('Name').inputValue()).toBe('typed');
      gateway().simulator.control('POST', `/__sim/tokens/${tokenOfRole(gateway(), 'manager')}/revoke`, Buffer.alloc(0));
      await page.getByRole('heading', { name: 'Waldur does not accept this token' }).waitFor();
      expect(await page.locator('dialog').count()).toBe(0);
      await page.getByLabel('API token').fill(tokenOfRole(gateway(), 'owner'));
      await page.keyboard.press('Enter');
      await page.locator('.grid-body .row').first().waitFor();
      expect(await page.locator('dialog').count()).toBe(0);
      await other.page.locator('.status').getByText('Live').waitFor();
      expect(await other.page.getByRole('heading', { name: 'Waldur does not accept this token' }).count()).toBe(0);
      await Promise.all([page.close(), other.page.close()]);
    },
    TIMEOUT,
  );
});
