import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../simulator/model.ts';
import { type Browser, hasBrowser, openSharedBrowser } from '../support/browser.ts';
import { dataset, startGateway, tokenOf, useGateway } from '../support/gateway.ts';
import { delayOf, expectClean, type Live, openLive, TIMEOUT } from './support/page.ts';
import { change, openAsStaff, settledIn, type Target } from './support/targets.ts';

/** How soon a change made elsewhere must be seen, in ms: while something moves, and when all is quiet. */
const SOON_MS = 2_500;
const QUIET_MS = 12_000;

/** The recorded world without what moves. */
const QUIET: Dataset = {
  ...dataset,
  snapshots: dataset.snapshots.filter(({ state }) => /^(?:ok|erred)$/i.test(String(state))),
};

describe.runIf(hasBrowser('Changes in the dashboard (test/dashboard/changes.test.ts)'))('what others do', () => {
  const gateway = useGateway({}, {}, 'made-up');
  let browser: Browser;
  beforeAll(async () => {
    browser = await openSharedBrowser();
  }, TIMEOUT);
  afterAll(() => browser.close());

  const openOn = (target: Target): Promise<Live> => openAsStaff(browser, gateway(), target);

  it('shows a change made elsewhere soon while something moves, and asks no other host', {
    timeout: TIMEOUT,
  }, async () => {
    const { name, uuid } = settledIn(gateway());
    const live = await openOn({ name, uuid });
    const delays: number[] = [];
    for (const message of ['first', 'second', 'third']) {
      const state = message === 'second' ? 'OK' : 'ERRED';
      delays.push(
        await delayOf(
          () => change(gateway(), uuid, { state, error_message: message }),
          () => live.row(name).getByText(message).waitFor(),
        ),
      );
    }
    expect(delays.toSorted((a, b) => a - b)[1]).toBeLessThan(SOON_MS);
    // The details follow the row.
    await live.page.locator('.details .chip.bad').waitFor();
    expectClean(live, gateway().url);
    await live.page.close();
  });

  it('shows a change made elsewhere within 12 s when all is quiet', { timeout: TIMEOUT }, async () => {
    const quiet = await startGateway({}, { simulator: { dataset: QUIET, frozen: true } });
    try {
      const [target] = QUIET.snapshots.filter(({ state }) => /^ok$/i.test(String(state)));
      const live = await openLive(browser, quiet.url, { query: `?q=${target?.uuid}`, token: tokenOf('staff') });
      const delay = await delayOf(
        () => change(quiet, String(target?.uuid), { state: 'ERRED' }),
        () => live.page.locator('.grid .chip.bad').waitFor(),
      );
      expect(delay).toBeLessThan(QUIET_MS);
      await live.page.close();
    } finally {
      await quiet.gateway.close();
    }
  });

  it(
    'makes something happen: an outage, a failed restore, a revoked token, another user',
    async () => {
      const live = await openOn(settledIn(gateway()));
      const { page } = live;
      const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
      await press('Make something happen');
      await press('Next restore fails');
      await press('Restore …');
      await press('Restore');
      await page.locator('.restore.failed').waitFor();
      await press('Waldur is down');
      await page.locator('.status').getByText('Out of date').waitFor();
      await press('End all failures');
      await page.locator('.status').getByText('Live').waitFor();
      await press('Rename it');
      await page
        .locator('.details h2')
        .getByText(/^renamed-at-/)
        .waitFor();
      await press('Revoke my token');
      await page.getByRole('heading', { name: 'Waldur does not accept this token' }).waitFor();
      await page.getByLabel('User').selectOption({ label: 'stranger' });
      await page.getByText('You can see no snapshots in Waldur.').waitFor();
      expect(await page.locator('.restore').count()).toBe(0);
      await page.close();
    },
    TIMEOUT,
  );
});
