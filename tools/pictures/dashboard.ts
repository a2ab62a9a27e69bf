import type { Page } from 'playwright-core';
import { type Picture, screenshot } from './picture.ts';

/** docs/dashboard.md shows them in this order. */
export const DASHBOARD: readonly Picture[] = [
  {
    file: 'dashboard.png',
    width: 1280,
    height: 760,
    path: '/live',
    async take(page) {
      await openSettled(page);
      return screenshot(page);
    },
  },
  {
    file: 'dashboard-filter.png',
    width: 900,
    height: 480,
    path: '/live?state=ERRED&sort=name',
    async take(page) {
      await page.getByLabel('Search').fill('snapshot');
      return screenshot(page);
    },
  },
  {
    file: 'dashboard-refused.png',
    width: 900,
    height: 810,
    path: '/live?state=CREATING',
    async take(page) {
      await page.locator('.grid-body .row').first().click();
      await page.locator('.reason').first().waitFor();
      return screenshot(page.locator('.details'));
    },
  },
  {
    file: 'dashboard-dialog.png',
    width: 700,
    height: 560,
    path: '/live',
    async take(page) {
      await openRestore(page);
      return screenshot(page.locator('.dialog'));
    },
  },
  {
    file: 'dashboard-restore.png',
    width: 1280,
    height: 760,
    colours: 'dark',
    path: '/live',
    async take(page) {
      await openRestore(page);
      await page.getByRole('button', { name: 'Restore', exact: true }).click();
      await page.locator('.restore').getByText('Creating', { exact: true }).waitFor();
      return screenshot(page);
    },
  },
  {
    file: 'dashboard-outage.png',
    width: 1280,
    height: 520,
    path: '/live',
    async take(page) {
      await page.getByRole('button', { name: 'Make something happen' }).click();
      await page.getByRole('button', { name: 'Waldur is down' }).click();
      await page.locator('.status').getByText('Out of date').waitFor();
      return screenshot(page);
    },
  },
  { file: 'dashboard-phone.png', width: 390, height: 720, path: '/live', take: screenshot },
];

/** Opens the details of a snapshot that is OK. */
async function openSettled(page: Page): Promise<void> {
  await page
    .locator('.grid-body .row')
    .filter({ has: page.locator('.chip.good') })
    .nth(1)
    .click();
  await page.getByRole('heading', { name: 'Properties' }).waitFor();
  // No row looks as if the pointer were over it.
  await page.mouse.move(0, 0);
}

async function openRestore(page: Page): Promise<void> {
  await openSettled(page);
  await page.getByRole('button', { name: 'Restore …' }).click();
}
