/** Makes docs/images/dashboard*.png: `node bin/run.mjs tools/dashboard-pictures.ts`. Requires Chromium. */
import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { configWith } from '../src/config.ts';
import { createGateway } from '../src/gateway.ts';
import { hasBrowser, openBrowser } from '../test/support/browser.ts';
import { ROOT } from './run.ts';

const LOOK = { caret: 'hide', animations: 'disabled' } as const;

interface Picture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly colours: 'light' | 'dark';
  readonly prepare: (page: Page) => Promise<void>;
}

const PICTURES: readonly Picture[] = [
  { file: 'dashboard.png', width: 1400, height: 800, colours: 'light', prepare: (page) => openSettled(page) },
  { file: 'dashboard-dark.png', width: 1400, height: 800, colours: 'dark', prepare: restore },
  { file: 'dashboard-dialog.png', width: 1000, height: 720, colours: 'light', prepare: openRestore },
  { file: 'dashboard-phone.png', width: 390, height: 780, colours: 'light', prepare: async () => {} },
];

/** Opens the details of the first snapshot that is OK. */
async function openSettled(page: Page): Promise<void> {
  await page
    .locator('.grid-body .row')
    .filter({ has: page.locator('.chip.good') })
    .nth(1)
    .click();
  await page.getByRole('heading', { name: 'Properties' }).waitFor();
}

async function openRestore(page: Page): Promise<void> {
  await openSettled(page);
  await page.getByRole('button', { name: 'Restore …' }).click();
}

/** While the restore runs, with the panel of the embedded Waldur. */
async function restore(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Make something happen' }).click();
  await openRestore(page);
  await page.getByRole('button', { name: 'Restore', exact: true }).click();
  await page.locator('.restore').getByText('Creating', { exact: true }).waitFor();
}

async function takePictures(): Promise<void> {
  const browser = await openBrowser();
  try {
    for (const { file, width, height, colours, prepare } of PICTURES) {
      // Each picture has a young world, in which something moves.
      const gateway = await createGateway(configWith({ port: 0, simulatorPort: 0, logLevel: 'silent' }));
      try {
        const page = await browser.newPage();
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme: colours });
        await page.goto(`${gateway.url}/live`);
        await page.locator('.grid-body .row').first().waitFor();
        await prepare(page);
        writeFileSync(`${ROOT}docs/images/${file}`, await page.screenshot(LOOK));
        await page.close();
      } finally {
        await gateway.close();
      }
    }
  } finally {
    await browser.close();
  }
}

if (hasBrowser('docs/images/dashboard*.png')) await takePictures();
else process.exitCode = 1;
