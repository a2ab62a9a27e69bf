import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { configWith } from '../../src/config.ts';
import { createGateway } from '../../src/gateway.ts';
import { tokenOf, uuidOf } from '../support/gateway.ts';
import { FAST, useLive } from '../support/live.ts';
import { followStates } from './recipe.ts';

/** The client for server-sent events of docs/live.md, as it stands there. */

const live = useLive();
const tenant = uuidOf.tenant('genome-tenant');
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function follow(gatewayUrl: string, name: string) {
  const kinds: string[] = [];
  const ends: unknown[] = [];
  const stop = followStates(
    `${gatewayUrl}/graphql/stream`,
    () => tokenOf('admin1'),
    { name },
    {
      change: ({ kind }) => kinds.push(kind),
      end: (problem) => ends.push(problem),
    },
  );
  stops.push(stop);
  const heard = (...expected: string[]) =>
    vi.waitFor(() => expect(kinds.filter((kind) => kind !== 'BOOKMARK')).toEqual(expected), { timeout: 10_000 });
  const bookmarked = () => vi.waitFor(() => expect(kinds).toContain('BOOKMARK'), { timeout: 10_000 });
  return { kinds, ends, stop, heard, bookmarked };
}

it('matches docs/live.md', () => {
  const shown = readFileSync(new URL('../../docs/live.md', import.meta.url), 'utf8');
  const code = readFileSync(new URL('./recipe.ts', import.meta.url), 'utf8');
  expect(shown).toContain(`\`\`\`ts\n${code}\`\`\``);
});

describe('graphql-sse, the client of the protocol', () => {
  it('receives changes; leaving ends the polls', async () => {
    const name = live.name();
    const uuid = await live.outside.add('snapshots', { tenant, name });
    const { heard, bookmarked, stop } = follow(live.running().url, name);
    await bookmarked();
    await live.outside.change('snapshots', uuid, { state: 'ERRED' });
    await heard('RESET', 'INITIAL', 'STATE_CHANGED');
    stop();
    await live.silence();
  });

  it('reconnects after a restart of the gateway', async () => {
    const name = live.name();
    await live.outside.add('snapshots', { tenant, name });
    const waldurApiUrl = live.running().simulator.url;
    const start = (port: number) =>
      createGateway(configWith({ port, waldurApiUrl, socketDrainMs: 0, logLevel: 'silent' }), { live: FAST });
    const before = await start(0);
    const { heard, bookmarked, ends } = follow(before.url, name);
    await bookmarked();
    await before.close();
    const after = await start(Number(new URL(before.url).port));
    stops.push(() => after.close());
    await heard('RESET', 'INITIAL', 'RESET', 'INITIAL');
    expect(ends).toEqual([]);
  });

  it('a token that is revoked ends it with the error', async () => {
    const { bookmarked, ends } = follow(live.running().url, live.name());
    await bookmarked();
    const { simulator } = live.running();
    await fetch(`${simulator.url}/__sim/tokens/${tokenOf('admin1')}/revoke`, { method: 'POST' });
    await vi.waitFor(() => expect(ends).toMatchObject([[{ extensions: { code: 'UNAUTHENTICATED' } }]]), {
      timeout: 10_000,
    });
  });
});
