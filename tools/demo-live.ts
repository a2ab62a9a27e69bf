/**
 * Demonstrates subscriptions without a cloud: `npm run demo:live`. The left column shows the events of a subscriber, the right column
 * the mutations of another client. It starts a gateway with an embedded Waldur, follows an update and a restore, and exits.
 */
import { createClient } from 'graphql-ws';
import { configWith } from '../src/config.ts';
import { createGateway } from '../src/gateway.ts';

const LEFT = 'SUBSCRIBER';
const RIGHT = 'ANOTHER CLIENT';
const WIDTH = 66;
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
const left = (text: string): void => {
  console.log(`${((performance.now() - started) / 1000).toFixed(2).padStart(5)}  ${text}`);
};
const right = (text: string): void => left(`${' '.repeat(WIDTH)}| ${text}`);
const heading = (one: string, other: string): void => console.log(`${' time'}  ${one.padEnd(WIDTH)}| ${other}`);

interface Change {
  readonly kind: string;
  readonly previousState: string | null;
  readonly state: string | null;
  readonly isSettled?: boolean;
}

/** Prints each event in the left column. Returns after the first event that fulfils the condition, or at the end. */
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
    left(`${name.padEnd(16)} ${kind.padEnd(13)} ${move}${isSettled === true ? '  (settled)' : ''}`);
    if (until(change)) return;
  }
}

/** Sends a mutation and prints it in the right column. */
async function mutate<Payload>(name: string, input: Record<string, string>, fields: string): Promise<Payload> {
  const given = Object.entries(input).map(
    ([key, value]) => `${key}: ${key === 'uuid' ? `${value.slice(0, 8)}…` : value}`,
  );
  right(`${name}(${given.join(', ')})`);
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
  right(`  ${JSON.stringify(payload).replace(',"userErrors":[]', '').replaceAll('"', '')}`);
  return payload;
}

const snapshot = [...simulator.world.tables.snapshots.values()].find(({ state }) => state === 'OK');
if (snapshot === undefined) throw new Error('the made-up world has no settled snapshot');
const { uuid } = snapshot;

heading(LEFT, RIGHT);
heading('-'.repeat(WIDTH - 1), '-'.repeat(40));
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
await mutate('updateSnapshot', { uuid, description: 'kept for the audit' }, 'snapshot { state }');
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
left('restoreProgress  complete');
await client.dispose();
await gateway.close();
