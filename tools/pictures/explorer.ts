import type { Page } from 'playwright-core';
import { configWith } from '../../src/config.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { type Frame, gifOf } from './gif.ts';
import { type Picture, screenshot, settled } from './picture.ts';

/** docs/explorer.md shows them in this order; the README has the first and the animation. */
export const EXPLORER: readonly Picture[] = [
  {
    file: 'explorer.png',
    width: 1280,
    height: 760,
    path: '/',
    async take(page) {
      await run(page);
      return settled(page);
    },
  },
  {
    file: 'explorer-explain.png',
    width: 1000,
    height: 560,
    path: '/',
    async take(page) {
      // Before the query runs: its result would be in the cache of the gateway, and need no request.
      await page.locator('.graphiql-query-editor .view-lines').waitFor();
      await page.getByRole('button', { name: /^Explain/ }).click();
      await page.getByText('Requests to Waldur:').waitFor();
      await run(page);
      return settled(page);
    },
  },
  {
    file: 'explorer-changes.png',
    width: 1000,
    height: 560,
    path: '/',
    async take(page, gateway) {
      const events = await openChanges(page);
      await changeByOthers(gateway);
      await events.locator('b').getByText('REMOVED').waitFor();
      await events.locator('summary').first().click();
      return settled(page);
    },
  },
  { file: 'explorer-token.png', width: 1000, height: 520, path: '/', take: wrongToken },
  {
    file: 'explorer-phone.png',
    width: 390,
    height: 720,
    path: '/',
    async take(page) {
      await run(page);
      return settled(page);
    },
  },
  { file: 'changes.gif', width: 900, height: 500, path: '/', take: changes },
];

/** Runs the query of the first tab. */
async function run(page: Page): Promise<void> {
  await page.locator('.sign-in output.accepted').waitFor();
  await page.locator('.graphiql-query-editor .view-lines').waitFor();
  await page.locator('.graphiql-execute-button').click();
  await page.locator('.result-window').getByText('"totalCount"').waitFor();
}

/** With a Waldur that is not embedded, the page asks for a token. Waldur does not accept this one. */
async function wrongToken(page: Page, { simulator }: Gateway): Promise<Uint8Array> {
  const remote = await createGateway(configWith({ port: 0, waldurApiUrl: simulator?.url ?? '', logLevel: 'silent' }));
  try {
    await page.goto(remote.url);
    await page.getByLabel('API token').fill('f'.repeat(40));
    await page.keyboard.press('Enter');
    await page.locator('.sign-in output.rejected').waitFor();
    return await settled(page);
  } finally {
    await remote.close();
  }
}

/** Opens the tab *Changes* and runs it. @returns its empty list of events. */
async function openChanges(page: Page) {
  const events = page.getByRole('region', { name: 'Events' });
  await page.locator('.graphiql-tab').getByText('Changes', { exact: true }).click();
  await page.locator('.graphiql-query-editor').getByText('snapshotChanges').waitFor();
  await page.locator('.graphiql-execute-button').click();
  await events.locator('b').getByText('BOOKMARK').waitFor();
  await events.getByRole('button', { name: 'Clear' }).click();
  return events;
}

/** Another client updates, pulls and deletes. */
async function changeByOthers({ url, simulator }: Gateway): Promise<void> {
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
}

const MOST_FRAMES = 9;
const LONGEST_MS = 60_000;

/** A subscription, while others are at work. */
async function changes(page: Page, gateway: Gateway): Promise<Uint8Array> {
  await openChanges(page);
  const frames: Frame[] = [{ png: await settled(page), ms: 1_500 }];
  await changeByOthers(gateway);
  // On a busy machine screenshots take longer, and there are always further changes.
  const until = performance.now() + LONGEST_MS;
  while (frames.length < MOST_FRAMES && performance.now() < until) {
    const png = await screenshot(page);
    const last = frames.at(-1);
    if (last?.png.equals(png) !== true) frames.push({ png, ms: 700 });
    await page.waitForTimeout(200);
  }
  return gifOf(frames.map((frame, i) => (i === frames.length - 1 ? { ...frame, ms: 3_000 } : frame)));
}
