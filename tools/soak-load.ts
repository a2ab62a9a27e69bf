/**
 * A load test with queries, mutations, invalid documents, disconnecting clients, subscriptions, and an upstream with all kinds of
 * faults. `node --expose-gc bin/run.mjs tools/soak-load.ts [minutes]`; `npm run test:soak` runs it for ten minutes.
 *
 * Every request must get a response with data or with error codes of the closed list, unless its client disconnects. The heap
 * after a collection must not grow; it is measured at the end of each minute of the second half.
 */
import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
import { configWith } from '../src/config.ts';
import { isErrorCode } from '../src/errors.ts';
import { createGateway } from '../src/gateway.ts';

const minutes = Number(process.argv[2] ?? 10);
const HTTP_CLIENTS = 12;
const SOCKET_CLIENTS = 6;
const LOST_AFTER_MS = 30_000;
/** Tolerated growth of the heap, in KiB per minute. The contents of caches vary by more. */
const STEADY_KIB = 1_024;

const counts = { requests: 0, data: 0, typed: 0, left: 0, streams: 0, events: 0 };
const wrong: string[] = [];
process.on('unhandledRejection', (reason) => wrong.push(`unhandled rejection: ${String(reason)}`));
process.on('uncaughtException', (error) => wrong.push(`uncaught exception: ${error.message}`));

const gateway = await createGateway(configWith({ port: 0, simulatorPort: 0, logLevel: 'silent' }));
const { simulator, url } = gateway;
if (simulator === undefined) throw new Error('the gateway has no embedded Waldur');
const tokens = simulator.tokens().map(({ token }) => token);
const end = Date.now() + minutes * 60_000;
const running = (): boolean => Date.now() < end;

const one = <Item>(items: readonly Item[]): Item => items[Math.floor(Math.random() * items.length)] as Item;
const operations = (file: string) =>
  readFileSync(new URL(`../test/operations/${file}.graphql`, import.meta.url), 'utf8');
const documents = {
  snapshots: operations('snapshots'),
  volumes: operations('volumes'),
  mutations: operations('mutations'),
};

const uuids = await readUuids();

const REQUESTS: readonly (() => object)[] = [
  () => ({ query: documents.snapshots, operationName: 'SnapshotTable', variables: { first: 20 } }),
  () => ({ query: documents.snapshots, operationName: 'EverySnapshotField', variables: { uuid: one(uuids) } }),
  () => ({ query: documents.snapshots, operationName: 'ManyByUuid', variables: { uuids: uuids.slice(0, 30) } }),
  () => ({ query: documents.volumes, operationName: 'SnapshotsWithVolumes', variables: { first: 50 } }),
  () => ({ query: '{ volumes(first: 50) { nodes { uuid snapshots(first: 2) { totalCount nodes { name } } } } }' }),
  () => ({
    query: documents.mutations,
    operationName: 'Update',
    variables: { input: { uuid: one(uuids), name: `n${Math.random()}` } },
  }),
  () => ({ query: documents.mutations, operationName: 'Pull', variables: { input: { uuid: one(uuids) } } }),
  () => ({ query: `{ ${'a: snapshots { totalCount } '.repeat(60)} }` }),
  () => ({ query: '{ snapshots(first: 1000000000) { nodes { uuid } } }' }),
  () => ({ query: `query Q${Math.random().toString(36).slice(2)} { snapshots { nothing } }` }),
  () => ({ query: '{'.repeat(500) }),
];

const FAULTS: readonly object[] = [
  { latencyMs: 300, probability: 0.2 },
  { status: 503, probability: 0.1 },
  { status: 500, body: '<html>', probability: 0.1 },
  { status: 429, headers: { 'retry-after': '1' }, probability: 0.05 },
  { reset: true, probability: 0.05 },
  { truncateAt: 20, probability: 0.05 },
  { status: 200, body: 'no JSON', probability: 0.05 },
];

async function readUuids(): Promise<string[]> {
  const answer = await post({ query: '{ snapshots(first: 100) { nodes { uuid } } }' });
  const { data } = (await answer.json()) as { data: { snapshots: { nodes: { uuid: string }[] } } };
  return data.snapshots.nodes.map(({ uuid }) => uuid);
}

function post(body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${one(tokens)}` },
    body: JSON.stringify(body),
    signal: signal ?? AbortSignal.timeout(LOST_AFTER_MS),
  });
}

async function httpClient(): Promise<void> {
  while (running()) {
    const body = one(REQUESTS)();
    counts.requests++;
    const leaves = Math.random() < 0.05;
    try {
      const answer = await post(body, leaves ? AbortSignal.timeout(Math.random() * 50) : undefined);
      const { data, errors = [] } = (await answer.json()) as {
        data?: unknown;
        errors?: { extensions?: { code?: unknown } }[];
      };
      const codes = errors.map(({ extensions }) => extensions?.code);
      const bad = codes.find((code) => !isErrorCode(code) || code === 'INTERNAL_SERVER_ERROR');
      if (bad !== undefined || codes.includes(undefined) || answer.status >= 500) {
        wrong.push(
          `${answer.status} ${JSON.stringify(errors).slice(0, 200)} for ${JSON.stringify(body).slice(0, 100)}`,
        );
      } else if (errors.length > 0) counts.typed++;
      else if (data !== undefined) counts.data++;
    } catch (error) {
      if (leaves) counts.left++;
      else wrong.push(`lost: ${String(error)} for ${JSON.stringify(body).slice(0, 100)}`);
    }
  }
}

async function socketClient(): Promise<void> {
  while (running()) {
    counts.streams++;
    await new Promise<void>((resolve) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      const leave = (): void => (Math.random() < 0.5 ? socket.close() : socket.terminate());
      const timer = setTimeout(leave, Math.random() * 5_000);
      const send = (message: object): void => socket.send(JSON.stringify(message));
      socket.on('open', () => send({ type: 'connection_init', payload: { Authorization: `Token ${one(tokens)}` } }));
      socket.on('message', (data: Buffer) => {
        counts.events++;
        if (!data.includes('connection_ack')) return;
        const query = 'subscription { snapshotChanges { kind uuid state snapshot { name sourceVolume { name } } } }';
        send({ id: 's', type: 'subscribe', payload: { query } });
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** Changes the faults of the upstream every few seconds. */
async function weather(): Promise<void> {
  while (running()) {
    simulator?.faults.clear();
    if (Math.random() < 0.75) for (let i = 0; i < 2; i++) simulator?.faults.add(one(FAULTS));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
  simulator?.faults.clear();
}

const heaps: number[] = [];
async function scales(): Promise<void> {
  for (let minute = 1; running(); minute++) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(60_000, Math.max(0, end - Date.now()))));
    globalThis.gc?.();
    heaps.push(process.memoryUsage().heapUsed / 1_024);
    console.log(
      `minute ${minute}: heap ${((heaps.at(-1) ?? 0) / 1_024).toFixed(1)} MiB, ${JSON.stringify(counts)}, wrong ${wrong.length}`,
    );
  }
}

const clients = [
  ...Array.from({ length: HTTP_CLIENTS }, httpClient),
  ...Array.from({ length: SOCKET_CLIENTS }, socketClient),
];
await Promise.all([...clients, weather(), scales()]);

const half = heaps.slice(Math.floor(heaps.length / 2));
const slope = half.length < 2 ? 0 : ((half.at(-1) ?? 0) - (half[0] ?? 0)) / (half.length - 1);
const serves = (await post({ query: '{ __typename }' })).status === 200;
console.log(`heap over the second half: ${slope.toFixed(0)} KiB a minute; ${wrong.length} wrong; serves: ${serves}`);
for (const line of wrong.slice(0, 10)) console.error(line);
await gateway.close();
process.exit(wrong.length === 0 && serves && slope < STEADY_KIB ? 0 : 1);
