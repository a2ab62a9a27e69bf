import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, hasBrowser, openSharedBrowser } from '../support/browser.ts';
import { useGateway } from '../support/gateway.ts';
import { hasNginx, type Nginx, startNginx } from '../support/nginx.ts';
import { foreign, openExplorer } from './support/explorer.ts';

const WHAT = 'The explorer below a path prefix behind nginx (test/explorer/prefix.test.ts)';
const TIMEOUT = 90_000;
const PHONE = { width: 390, height: 780 };

describe.runIf(hasBrowser(WHAT) && hasNginx(WHAT))('the explorer below a path prefix behind nginx', () => {
  const byHeader = useGateway({ trustedProxies: ['loopback'] }, {}, 'made-up');
  const bySetting = useGateway({ basePath: '/fixed' }, {}, 'made-up');
  let nginx: Nginx;
  let browser: Browser;
  beforeAll(async () => {
    nginx = await startNginx([
      {
        path: '/named/',
        target: `${byHeader().url}/`,
        headers: { 'X-Forwarded-Prefix': '/named', 'X-Forwarded-For': '$remote_addr' },
      },
      { path: '/fixed/', target: bySetting().url },
    ]);
  }, TIMEOUT);
  afterAll(() => nginx.stop());
  beforeEach(async () => {
    browser = await openSharedBrowser(PHONE);
  });
  afterEach(() => browser.close());

  it.each([
    ['X-Forwarded-Prefix', '/named', byHeader],
    ['BASE_PATH', '/fixed', bySetting],
  ])(
    '%s: runs, subscribes across tabs and refuses a wrong token, on a phone',
    async (_name, prefix, gateway) => {
      const explorer = await openExplorer(browser, `${nginx.url}${prefix}/graphiql`);
      const { page } = explorer;
      await explorer.signIn('Signed in as owner.');
      const press = () => page.locator('.graphiql-execute-button').click();
      await press();
      await explorer.result('"totalCount"');
      await explorer.openTab('Changes');
      await press();
      const events = page.getByRole('region', { name: 'Events' });
      await events.locator('b').getByText('BOOKMARK').waitFor();
      await explorer.openTab('Snapshot');
      const [uuid] = [...gateway().simulator.world.tables.snapshots.values()]
        .filter(({ state }) => /^ok$/i.test(state))
        .map((one) => one.uuid);
      gateway().simulator.control('PATCH', `/__sim/snapshots/${uuid}`, Buffer.from('{ "name": "changed meanwhile" }'));
      await explorer.openTab('Changes');
      await events.getByText('name: changed meanwhile').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      // A rejected token is an answer of status 200 and no message of the browser.
      await page.getByLabel('User').selectOption({ label: 'another token ...' });
      await page.getByLabel('API token').fill('f'.repeat(40));
      await page.keyboard.press('Enter');
      await explorer.signIn(/does not accept this token.* paste another token/);
      expect(foreign(explorer.requests, nginx.url)).toEqual([]);
      const paths = explorer.requests.map((one) => new URL(one)).filter(({ protocol }) => protocol !== 'data:');
      expect(paths.filter(({ pathname }) => !pathname.startsWith(`${prefix}/`))).toEqual([]);
      expect(explorer.complaints).toEqual([]);
    },
    TIMEOUT,
  );
});
