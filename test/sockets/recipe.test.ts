import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { configWith } from '../../src/config.ts';
import { createGateway } from '../../src/gateway.ts';
import { startGateway, tokenOf, uuidOf } from '../support/gateway.ts';
import { FAST, useLive } from '../support/live.ts';
import { connect, type View, watchSnapshots } from './recipe.ts';

/** The reconnecting client of docs/live.md, as it stands there. */

const live = useLive();
const { outside } = live;
const tenant = uuidOf.tenant('genome-tenant');
const stops: (() => unknown)[] = [];

beforeEach(() => {
  // The waits between attempts are the shortest that the recipe may take.
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const stop of stops.splice(0)) await stop();
});

function watch(gatewayUrl: string, name: string) {
  const client = connect(`${gatewayUrl.replace(/^http/, 'ws')}/graphql`, () => tokenOf('admin1'));
  const kinds: string[] = [];
  const seen: { view: View | undefined; ended: unknown } = { view: undefined, ended: undefined };
  const stop = watchSnapshots(
    client,
    { name },
    {
      change(view, kind) {
        kinds.push(kind);
        seen.view = view;
      },
      end: (problem) => {
        seen.ended = problem;
      },
    },
  );
  stops.push(stop, () => client.dispose());
  const shows = (rows: Record<string, string>, isStale = false) =>
    vi.waitFor(
      () => {
        const shown = [...(seen.view?.rows.values() ?? [])].map(({ uuid, state }) => [uuid, state]);
        expect([Object.fromEntries(shown), seen.view?.isStale]).toEqual([rows, isStale]);
      },
      { timeout: 10_000, interval: 5 },
    );
  const heard = (kind: string) => vi.waitFor(() => expect(kinds).toContain(kind), { timeout: 10_000, interval: 5 });
  return { client, kinds, seen, shows, heard };
}

it('matches docs/live.md', () => {
  const shown = readFileSync(new URL('../../docs/live.md', import.meta.url), 'utf8');
  const code = readFileSync(new URL('./recipe.ts', import.meta.url), 'utf8');
  expect(shown).toContain(`\`\`\`ts\n${code}\`\`\``);
});

describe('the table stays correct', () => {
  it('after a lost connection: the missed events follow, none comes twice', async () => {
    const name = live.name();
    const [first, second] = [
      await outside.add('snapshots', { tenant, name }),
      await outside.add('snapshots', { tenant, name }),
    ];
    const { client, kinds, shows, heard } = watch(live.running().url, name);
    await heard('BOOKMARK');
    await shows({ [first]: 'OK', [second]: 'OK' });
    kinds.length = 0;
    client.terminate();
    await outside.change('snapshots', first, { state: 'ERRED' });
    await outside.drop('snapshots', second);
    await shows({ [first]: 'ERRED' });
    await heard('BOOKMARK');
    expect(kinds.sort()).toEqual(['BOOKMARK', 'REMOVED', 'STATE_CHANGED']);
  });

  it('after a restart of the gateway: RESET, then all objects again', async () => {
    const name = live.name();
    const [first, second] = [
      await outside.add('snapshots', { tenant, name }),
      await outside.add('snapshots', { tenant, name }),
    ];
    const waldurApiUrl = live.running().simulator.url;
    const start = (port: number) =>
      createGateway(configWith({ port, waldurApiUrl, socketDrainMs: 0, logLevel: 'silent' }), { live: FAST });
    const before = await start(0);
    const { kinds, shows, heard } = watch(before.url, name);
    await heard('BOOKMARK');
    kinds.length = 0;
    await before.close();
    await outside.drop('snapshots', second);
    const after = await start(Number(new URL(before.url).port));
    stops.push(() => after.close());
    await heard('BOOKMARK');
    await shows({ [first]: 'OK' });
    expect(kinds).toEqual(['RESET', 'INITIAL', 'BOOKMARK']);
  });

  it('during an outage of Waldur it is marked as stale', async () => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const { shows, heard } = watch(live.running().url, name);
    await heard('BOOKMARK');
    const { faults } = live.running().simulator;
    faults.add({ path: '/api/openstack-snapshots/', status: 503 });
    await shows({ [uuid]: 'OK' }, true);
    faults.clear();
    await shows({ [uuid]: 'OK' }, false);
  });

  it('a revoked token ends it with the error, without a new attempt', async () => {
    const running = await startGateway({}, { live: FAST });
    stops.push(() => running.gateway.close());
    const { seen, heard } = watch(running.url, 'rw-target');
    await heard('BOOKMARK');
    await fetch(`${running.simulator.url}/__sim/tokens/${tokenOf('admin1')}/revoke`, { method: 'POST' });
    await vi.waitFor(() => expect(seen.ended).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]), {
      timeout: 10_000,
      interval: 5,
    });
  });
});
