/**
 * Makes the pictures of the documentation from the real pages: `npm run pictures [-- FILE]`. Requires Chromium.
 * Each entry of `PICTURES` is one file of docs/images.
 */
import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { configWith } from '../src/config.ts';
import { createGateway, type Gateway } from '../src/gateway.ts';
import { type Browser, hasBrowser, openBrowser } from '../test/support/browser.ts';
import { type Frame, gifOf } from './gif.ts';
import { ROOT } from './run.ts';

interface Picture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly take: (page: Page, gateway: Gateway) => Promise<Uint8Array>;
}

const PICTURES: readonly Picture[] = [
  {
    file: 'explorer.png',
    width: 1280,
    height: 800,
    async take(page) {
      await run(page);
      return settled(page);
    },
  },
  {
    file: 'explorer-explain.png',
    width: 1280,
    height: 800,
    async take(page) {
      await run(page);
      await page.getByRole('button', { name: /^Explain/ }).click();
      await page.getByText('Requests to Waldur:').waitFor();
      return settled(page);
    },
  },
  {
    file: 'explorer-phone.png',
    width: 390,
    height: 780,
    async take(page) {
      await run(page);
      return settled(page);
    },
  },
  { file: 'changes.gif', width: 900, height: 500, take: changes },
];

const LOOK = { caret: 'hide', animations: 'disabled' } as const;
const SETTLE_MS = 1_000;

/** Runs the query of the first tab. */
async function run(page: Page): Promise<void> {
  await page.locator('.sign-in output.accepted').waitFor();
  await page.locator('.graphiql-query-editor .view-lines').waitFor();
  await page.locator('.graphiql-execute-button').click();
  await page.locator('.result-window').getByText('"totalCount"').waitFor();
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

/** A subscription, while another client updates, restores and deletes. */
async function changes(page: Page, { url, simulator }: Gateway): Promise<Uint8Array> {
  const events = page.getByRole('region', { name: 'Events' });
  await page.locator('.graphiql-tab').getByText('Changes', { exact: true }).click();
  await page.locator('.graphiql-query-editor').getByText('snapshotChanges').waitFor();
  await page.locator('.graphiql-execute-button').click();
  await events.locator('b').getByText('BOOKMARK').waitFor();
  await events.getByRole('button', { name: 'Clear' }).click();
  const frames: Frame[] = [{ png: await settled(page), ms: 1_500 }];
  const token = simulator?.tokens().find(({ role }) => role === 'owner')?.token;
  const mutate = (document: string): Promise<unknown> =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
      body: JSON.stringify({ query: `mutation { ${document} { userErrors { message } } }` }),
    });
  const uuids = [...(simulator?.world.tables.snapshots.values() ?? [])].filter(({ state }) => state === 'OK');
  const [first, second, third] = uuids.map(({ uuid }) => uuid);
  await mutate(`updateSnapshot(input: { uuid: "${first}", description: "kept for the audit" })`);
  await mutate(`pullSnapshot(input: { uuid: "${second}" })`);
  await mutate(`deleteSnapshot(input: { uuid: "${third}" })`);
  const until = performance.now() + 12_000;
  while (performance.now() < until) {
    const png = await page.screenshot(LOOK);
    const last = frames.at(-1);
    if (last?.png.equals(png) !== true) frames.push({ png, ms: 700 });
    await page.waitForTimeout(200);
  }
  return gifOf(frames.map((frame, i) => (i === frames.length - 1 ? { ...frame, ms: 3_000 } : frame)));
}

async function take({ file, width, height, take }: Picture): Promise<void> {
  const gateway = await createGateway(configWith({ port: 0, simulatorPort: 0, logLevel: 'silent' }));
  let browser: Browser | undefined;
  try {
    browser = await openBrowser({ width, height });
    const page = await browser.newPage();
    await page.goto(gateway.url);
    const image = await take(page, gateway);
    writeFileSync(`${ROOT}docs/images/${file}`, image);
    console.log(`docs/images/${file}: ${Math.round(image.length / 1024)} KiB`);
  } finally {
    await browser?.close();
    await gateway.close();
  }
}

const [only] = process.argv.slice(2);
if (hasBrowser('docs/images')) {
  for (const picture of PICTURES) if (only === undefined || picture.file === only) await take(picture);
} else process.exitCode = 1;
