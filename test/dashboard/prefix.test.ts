import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, hasBrowser, openSharedBrowser } from '../support/browser.ts';
import { useGateway } from '../support/gateway.ts';
import { hasNginx, type Nginx, startNginx } from '../support/nginx.ts';
import { expectClean, openLive, TIMEOUT } from './support/page.ts';

const WHAT = 'The dashboard below a path prefix behind nginx (test/dashboard/prefix.test.ts)';
const PREFIXES = ['/snapshots', '/deep/er'];

describe.runIf(hasBrowser(WHAT) && hasNginx(WHAT))('below a path prefix behind nginx', () => {
  const gateway = useGateway({}, {}, 'made-up');
  let nginx: Nginx;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    // Without the prefix, which nobody names.
    nginx = await startNginx(PREFIXES.map((prefix) => ({ path: `${prefix}/`, target: `${gateway().url}/` })));
    url = nginx.url;
    browser = await openSharedBrowser();
  }, TIMEOUT);
  afterAll(() => Promise.all([nginx.stop(), browser.close()]));

  it.each(PREFIXES)(
    '%s: page, streams and controls work without BASE_PATH',
    async (prefix) => {
      const live = await openLive(browser, url + prefix);
      await live.page.locator('.status').getByText('Live').waitFor();
      await live.page.locator('.grid-body .row').first().click();
      await live.page.getByRole('heading', { name: 'Properties' }).waitFor();
      expect(await live.page.getByLabel('User').locator('option').count()).toBeGreaterThan(3);
      expect(
        live.requests.filter((one) => !new URL(one).pathname.startsWith(prefix) && !one.startsWith('data:')),
      ).toEqual([]);
      expectClean(live, url);
      await live.page.close();
    },
    TIMEOUT,
  );

  it('a slash at the end leads back below the prefix', async () => {
    const { url: reached, status } = await fetch(`${url}/snapshots/live/?q=a`);
    expect([status, reached]).toEqual([200, `${url}/snapshots/live?q=a`]);
  });
});
