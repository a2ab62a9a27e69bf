import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { type GatewayProcess, startGatewayProcess } from '../../tools/gateway-process.ts';
import { type Browser, hasBrowser, openSharedBrowser } from '../support/browser.ts';
import { expectClean, openLive, TIMEOUT } from './support/page.ts';

describe.runIf(hasBrowser('Sessions of the dashboard (test/dashboard/sessions.test.ts)'))(
  'with a Waldur of its own',
  () => {
    let simulator: Simulator;
    let gateway: GatewayProcess;
    let browser: Browser;
    const start = (port = '0') => startGatewayProcess({ PORT: port, WALDUR_API_URL: simulator.url });
    const stop = async (): Promise<void> => {
      const ended = once(gateway.child, 'exit');
      gateway.child.kill('SIGKILL');
      await ended;
    };
    const token = (role: string) => simulator.tokens().find((one) => one.role === role)?.token ?? '';
    beforeAll(async () => {
      simulator = await startSimulator({ port: 0 });
      [gateway, browser] = await Promise.all([start(), openSharedBrowser()]);
    }, TIMEOUT);
    afterAll(async () => {
      await Promise.all([stop(), browser.close()]);
      await simulator.close();
    });

    it(
      'asks for a token, says when it is wrong, and keeps it in the browser tab only',
      async () => {
        const live = await openLive(browser, gateway.url, { hasRows: false });
        const { page } = live;
        await page.getByRole('heading', { name: 'Sign in' }).waitFor();
        expect(await live.problems()).toEqual([]);
        await page.getByLabel('API token').fill('0123456789abcdef0123456789abcdef01234567');
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'Waldur does not accept this token' }).waitFor();
        expect(await live.problems()).toEqual([]);
        const valid = token('owner');
        await page.getByLabel('API token').fill(` Token ${valid}`);
        await page.keyboard.press('Enter');
        await page.locator('.grid-body .row').first().waitFor();
        await page.reload();
        await page.locator('.grid-body .row').first().waitFor();
        expect(await page.evaluate('JSON.stringify(localStorage) + document.cookie + location.href')).not.toContain(
          valid,
        );
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByRole('heading', { name: 'Sign in' }).waitFor();
        expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain(valid);
        expectClean(live, gateway.url);
        await page.close();
      },
      TIMEOUT,
    );

    it(
      'asks for another token when it has expired',
      async () => {
        const live = await openLive(browser, gateway.url, { token: token('manager') });
        simulator.control('POST', `/__sim/tokens/${token('manager')}/revoke`, Buffer.alloc(0));
        await live.page.getByRole('heading', { name: 'Waldur does not accept this token' }).waitFor();
        expectClean(live, gateway.url);
        await live.page.close();
      },
      TIMEOUT,
    );

    it(
      'keeps the rows of a gateway that was killed, and catches up when it is back',
      async () => {
        const live = await openLive(browser, gateway.url, { token: token('staff'), query: '?state=OK&sort=name' });
        const { page } = live;
        const name = await page.locator('.grid-body .row .main').first().innerText();
        const [target] = [...simulator.world.tables.snapshots.values()].filter((one) => one.name === name);
        await page.locator('.status').getByText('Live').waitFor();
        await stop();
        await page.locator('.status').getByText('Connection lost').waitFor();
        expect(await live.row(name).count()).toBeGreaterThan(0);
        await page.getByTestId('last-seen').waitFor();
        simulator.control('DELETE', `/__sim/snapshots/${target?.uuid}`, Buffer.alloc(0));
        gateway = await start(new URL(gateway.url).port);
        await page.locator('.status').getByText('Live').waitFor();
        await expect.poll(() => page.locator(`[id="row-${target?.uuid}"]`).count()).toBe(0);
        await page.close();
      },
      TIMEOUT,
    );
  },
);
