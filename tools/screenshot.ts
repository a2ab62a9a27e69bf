/** Makes docs/images/graphiql.png from the real page: `node bin/run.mjs tools/screenshot.ts`. Needs Chromium. */
import { configWith } from '../src/config.ts';
import { createGateway } from '../src/gateway.ts';
import { openBrowser } from '../test/support/browser.ts';
import { ROOT } from './run.ts';

const gateway = await createGateway(configWith({ port: 0, simulatorPort: 0, logLevel: 'silent' }));
const browser = await openBrowser({ width: 1280, height: 760 });
try {
  const page = await browser.newPage();
  await page.goto(gateway.url);
  const editor = page.locator('.graphiql-query-editor .view-lines');
  await editor.waitFor();
  await page.getByText('Snapshots', { exact: true }).first().click();
  await editor.click();
  // Typing into the editor waits for nothing; the button is enabled once the page can run something.
  await page.locator('.graphiql-execute-button:not([disabled])').waitFor();
  await page.keyboard.press('Control+Enter');
  await page.locator('.result-window').filter({ hasText: 'totalCount' }).waitFor();
  await page.screenshot({ path: `${ROOT}docs/images/graphiql.png` });
} finally {
  await browser.close();
  await gateway.close();
}
