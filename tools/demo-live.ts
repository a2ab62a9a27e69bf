/**
 * Demonstrates subscriptions without a cloud: `npm run demo:live`. Prints the events of a subscriber, and the mutations of another client. It
 * starts a gateway with an embedded Waldur, follows an update and a restore, and exits.
 */
import { createClient } from 'graphql-ws';
import { configWith } from '../src/config.ts';
import { createGateway } from '../src/gateway.ts';

/** Factor by which world time is faster than real time. A restore takes 38 s in Waldur. */
const SCALE = 20;

const gateway = await createGateway(configWith({ port: 0, simulatorPort: 0, logLevel: 'silent' }), {
  simulator: { scale: SCALE, snapshots: 40 },
});
const { simulator, url } = gateway;
if (simulator === undefined) throw new Error('the demo requires the embedded Waldur');
const token = simulator.tokens().find(({ username }) => username === 'staff')?.token;
const headers = { Authorization: `Token ${token}` };
const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, connectionParams: headers });

const started = performance.now();
/** Prints a line that fits on a terminal of 80 columns. */
const say = (who: 'event' | 'client', what: string): void => {
  const seconds = ((performance.now() - started) / 1000).toFixed(2).padStart(5);
  console.log(`${seconds} s  ${who.padEnd(6)}  ${what}`);
};

interface Change {
  readonly kind: string;
  readonly previousState: string | null;
  readonly state: string | null;
  readonly isSettled?: boolean;
}

/** Prints each event. Returns after the first event that fulfils the condition, or at the end. */
async function follow(
  query: string,
  variables: Record<string, string>,
  until: (change: Change) => boolean,
  name: string,
): Promise<void> {
  for await (const { data, errors } of client.iterate<Record<string, Change>>({ query, variables })) {
    const [change] = Object.values(data ?? {});
    if (change === undefined) throw new Error(JSON.stringify(errors));
    const { kind, previousState, state, isSettled } = change;
    const move = previousState === null || previousState === state ? (state ?? '') : `${previousState} -> ${state}`;
    say('event', `${name.padEnd(15)} ${kind.padEnd(13)} ${move}${isSettled === true ? ', settled' : ''}`);
    if (until(change)) return;
  }
}

/** Sends a mutation, and prints it with its result. */
async function mutate<Payload>(name: string, input: Record<string, string>, fields: string): Promise<Payload> {
  const given = Object.entries(input).map(
    ([key, value]) => `${key}: ${key === 'uuid' ? `${value.slice(0, 8)}…` : value}`,
  );
  say('client', `${name}(${given.join(', ')})`);
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} userErrors { code message } } }`;
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = (await response.json()) as { data: Record<string, Payload>; errors?: unknown };
  const payload = data?.[name];
  if (payload === undefined || errors !== undefined) throw new Error(JSON.stringify(errors));
  const result = JSON.stringify(payload)
    .replace(',"userErrors":[]', '')
    .replace(/[0-9a-f]{24}"/, '…"');
  say('client', `  ${result.replaceAll('"', '')}`);
  return payload;
}

const snapshot = [...simulator.world.tables.snapshots.values()].find(({ state }) => state === 'OK');
if (snapshot === undefined) throw new Error('the made-up world has no settled snapshot');
const { uuid } = snapshot;

const watched = Promise.withResolvers<void>();
let moved = false;
const table = follow(
  'subscription ($uuid: UUID!) { snapshotChanges(filter: { uuid: $uuid }) { kind previousState state } }',
  { uuid },
  ({ kind, state }) => {
    if (kind === 'BOOKMARK') watched.resolve();
    moved ||= kind === 'STATE_CHANGED';
    return moved && state === 'OK';
  },
  'snapshotChanges',
);
await watched.promise;
await mutate('updateSnapshot', { uuid, description: 'kept for audits' }, 'snapshot { state }');
await table;

// The world is frozen until the subscription starts. Otherwise the first state could be missed.
simulator.clock.set({ frozen: true });
const { volume } = await mutate<{ volume: { uuid: string } }>(
  'restoreSnapshot',
  { uuid, name: 'back from the past' },
  'volume { uuid state }',
);
await follow(
  'subscription ($uuid: UUID!) { restoreProgress(volumeUuid: $uuid) { kind previousState state isSettled } }',
  { uuid: volume.uuid },
  () => {
    simulator.clock.set({ frozen: false });
    return false;
  },
  'restoreProgress',
);
say('event', 'restoreProgress complete');
await client.dispose();
await gateway.close();
