import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, hasBrowser, openSharedBrowser } from '../support/browser.ts';
import { at, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';
import { expectClean, openLive, TIMEOUT } from './support/page.ts';

describe.runIf(hasBrowser('What is possible (test/dashboard/availability.test.ts)'))('what is possible', () => {
  const gateway = useGateway();
  let browser: Browser;
  beforeAll(async () => {
    browser = await openSharedBrowser();
  }, TIMEOUT);
  afterAll(() => browser.close());

  const openOn = async (name: string, as: string) => {
    const query = `?q=${encodeURIComponent(name)}`;
    const live = await openLive(browser, gateway().url, { query, token: tokenOf(as) });
    await live.open(name);
    return live;
  };

  it(
    'a snapshot of the source volume, with the reason of the volume when it is not',
    async () => {
      const { data } = await gateway().query(
        `{ snapshot(uuid: "${uuidOf.snapshot('st-ok')}") { sourceVolume { availableActions { action reason } } } }`,
        { as: 'member1' },
      );
      const refused = at(data, 'snapshot', 'sourceVolume', 'availableActions', 3);
      const reason = String(at(refused, 'reason'));
      expect(refused).toEqual({ action: 'SNAPSHOT', reason: expect.stringContaining('Requires') });
      for (const [as, allowed] of [
        ['member1', false],
        ['admin1', true],
      ] as const) {
        const live = await openOn('st-ok', as);
        const button = live.page.getByRole('button', { name: 'New snapshot of the volume …' });
        await expect.poll(() => button.isEnabled()).toBe(allowed);
        const described = live.page.locator('#reason-SNAPSHOT');
        expect(await described.allInnerTexts(), as).toEqual(allowed ? [] : [reason]);
        expect(await button.getAttribute('aria-describedby'), as).toBe(allowed ? null : 'reason-SNAPSHOT');
        expectClean(live, gateway().url);
        await live.page.close();
      }
    },
    TIMEOUT,
  );

  it(
    'a snapshot of a volume that was searched for',
    async () => {
      // This user has other roles in other projects.
      const { data } = await gateway().query(
        '{ volumes(first: 100) { nodes { uuid name availableActions { action allowed reason } } } }',
        { as: 'multi' },
      );
      const nodes = at(data, 'volumes', 'nodes');
      const volumes = (Array.isArray(nodes) ? nodes : []).map((node) => ({
        uuid: String(at(node, 'uuid')),
        name: String(at(node, 'name')),
        allowed: at(node, 'availableActions', 3, 'allowed'),
        reason: String(at(node, 'availableActions', 3, 'reason')),
      }));
      const refused = volumes.find(({ allowed }) => allowed === false);
      const possible = volumes.find(({ allowed }) => allowed === true);
      if (refused === undefined || possible === undefined) throw new Error('the user needs two kinds of volumes');
      const live = await openLive(browser, gateway().url, { token: tokenOf('multi') });
      const { page } = live;
      await page.getByRole('button', { name: 'New snapshot' }).click();
      const create = page.getByRole('button', { name: 'Create', exact: true });
      const choose = async ({ uuid, name }: { uuid: string; name: string }) => {
        await page.getByLabel('Search a volume').fill(name);
        await page.locator(`option[value="${uuid}"]`).waitFor({ state: 'attached' });
        await page.getByLabel('Volume', { exact: true }).selectOption(uuid);
      };
      await choose(refused);
      await page.locator('.dialog [role=alert]').getByText(refused.reason).waitFor();
      expect(await create.isDisabled()).toBe(true);
      await choose(possible);
      await expect.poll(() => create.isEnabled()).toBe(true);
      expect(await page.locator('.dialog [role=alert]').count()).toBe(0);
      expectClean(live, gateway().url);
      await page.close();
    },
    TIMEOUT,
  );

  it(
    'a restore, as far as the quotas of the tenant allow it',
    async () => {
      const live = await openOn('prot-01', 'admin2');
      const { page } = live;
      await page.getByRole('button', { name: 'Restore …' }).click();
      await page
        .locator('.dialog [role=alert]')
        .getByText('The quota volumes of the tenant would be exceeded: 3 of 3 are used, and a restore needs 1.')
        .waitFor();
      const restore = page.getByRole('button', { name: 'Restore', exact: true });
      expect(await restore.isDisabled()).toBe(true);
      expect(gateway().callsByRoute()['POST /api/openstack-snapshots/{uuid}/restore/']).toBeUndefined();
      expect(await live.problems()).toEqual([]);
      await page.close();
    },
    TIMEOUT,
  );
});
