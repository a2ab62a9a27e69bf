/** Creates docs/images/graphiql.png: `node bin/run.mjs tools/screenshot.ts`. Requires Chromium. */
import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { configWith } from '../src/config.ts';
import { createGateway } from '../src/gateway.ts';
import { hasBrowser, openBrowser } from '../test/support/browser.ts';
import { ROOT } from './run.ts';

const PICTURE = 'docs/images/graphiql.png';
const LOOK = { caret: 'hide', animations: 'disabled' } as const;
const SETTLE_MS = 1_000;

async function takePicture(): Promise<void> {
  const gateway = await createGateway(configWith({ port: 0, simulatorPort: 0, logLevel: 'silent' }));
  const browser = await openBrowser({ width: 1280, height: 800 });
  try {
    const page = await browser.newPage();
    await page.goto(gateway.url);
    await page.locator('.graphiql-query-editor .view-lines').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.press('Control+Enter');
    await page.locator('.result-window').getByText('"totalCount"').waitFor();
    writeFileSync(ROOT + PICTURE, await settled(page));
  } finally {
    await browser.close();
    await gateway.close();
  }
}

/** The editor highlights its content in steps. Takes screenshots until two of them are equal. */
async function settled(page: Page): Promise<Buffer> {
  let last: Buffer;
  let present = await page.screenshot(LOOK);
  do {
    await page.waitForTimeout(SETTLE_MS);
    [last, present] = [present, await page.screenshot(LOOK)];
  } while (!present.equals(last));
  return present;
}

if (hasBrowser(PICTURE)) await takePicture();
else process.exitCode = 1;
