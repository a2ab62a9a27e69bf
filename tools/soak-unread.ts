/**
 * Clients that send without reading, leave messages unfinished, or do not read large responses, against a gateway in a
 * separate process. Measures the growth of its memory and the latency of another caller. Part of `npm run test:soak`; six minutes.
 */
import { on, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSimulator } from '../simulator/server.ts';
import { frame, INIT, text, UPGRADE } from '../test/faults/support/frames.ts';
import { startGatewayProcess } from './gateway-process.ts';

/** Limits for the memory growth of one attack, in MB, and for the additional latency of another caller, in ms at the 99th percentile. */
const MOST_OF_ONE_MB = 100;
const MOST_OF_MANY_MB = 300;
const MOST_LONGER_MS = 100;
/** All deadlines are shorter. */
const ATTACK_MS = 30_000;
const CALM_MS = 5_000;

const repeated = (piece: Buffer): Buffer => Buffer.concat(Array.from({ length: 1_000 }, () => piece));
const OPENING = Buffer.concat([Buffer.from(UPGRADE), INIT]);

const simulator = await startSimulator({ port: 0 });
const token = simulator.tokens().find(({ role }) => role === 'staff')?.token ?? simulator.tokens()[0]?.token ?? '';
const { child: gateway, url } = await startGatewayProcess({
  WALDUR_API_URL: simulator.url,
  MAX_ROWS: '100000000',
  MAX_ROOT_FIELDS: '100',
  MAX_ALIASES: '100',
  MAX_TOKENS: '10000',
  MAX_UPSTREAM_CALLS: '10000',
});

const open = new Set<Socket>();
/** Opens a connection that does not read. */
function dial(...pieces: readonly (string | Buffer)[]): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').pause();
  open.add(socket);
  socket.on('error', () => {}).on('close', () => open.delete(socket));
  for (const piece of pieces) socket.write(piece);
  return socket;
}
/**
 * A socket that the gateway has acknowledged, and that reads nothing from then on. An operation that comes earlier closes the socket, so a
 * flood without this would not start.
 */
async function opened(): Promise<Socket> {
  const socket = dial(OPENING).resume();
  let came = '';
  for await (const [chunk] of on(socket, 'data', { signal: AbortSignal.timeout(10_000) })) {
    came += String(chunk);
    if (came.includes('connection_ack')) break;
  }
  return socket.pause();
}
/** Writes as fast as the gateway reads. @param next returns the next data. */
async function flood(next: () => Buffer): Promise<void> {
  const socket = await opened();
  const more = (): void => {
    while (!socket.destroyed && socket.write(next())) {}
  };
  socket.on('drain', more);
  more();
}

const always = (piece: Buffer) => (): Buffer => piece;
let made = 0;
const newId = (): string => {
  made += 1;
  return String(made);
};
const refusedAs = (id: string): Buffer => text({ id, type: 'subscribe', payload: { query: '{ nothing }' } });

const PARTIAL = 1_048_000;
const ROWS = 'nodes { uuid name description state size created modified runtimeState backendId }';
const LARGE = JSON.stringify({
  query: `{ ${Array.from({ length: 100 }, (_, n) => `a${n}: snapshots(first: 1000) { ${ROWS} }`).join(' ')} }`,
});
const HEADERS = { 'content-type': 'application/json', authorization: `Token ${token}` };
const REQUEST = `POST /graphql HTTP/1.1\r\nHost: x\r\n${Object.entries(HEADERS)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')}Content-Length: ${LARGE.length}\r\n\r\n${LARGE}`;
const times = (count: number, begin: () => void): void => {
  for (let n = 0; n < count; n += 1) begin();
};

/** One after another: such a response takes seconds to build. That delays others, but is not what is measured here. */
const slowly = async (count: number, begin: () => void): Promise<void> => {
  for (let n = 0; n < count; n += 1, await sleep(2_500)) begin();
};

const ATTACKS: readonly (readonly [name: string, mostMb: number, begin: () => unknown, makesForMs?: number])[] = [
  ['ping messages', MOST_OF_ONE_MB, () => flood(always(repeated(text({ type: 'ping' }))))],
  ['ping frames', MOST_OF_ONE_MB, () => flood(always(repeated(frame(9, 'x'.repeat(125)))))],
  [
    'large ping messages',
    MOST_OF_ONE_MB,
    () => flood(always(text({ type: 'ping', payload: { pad: 'x'.repeat(60_000) } }))),
  ],
  ['refused documents', MOST_OF_ONE_MB, () => flood(always(repeated(refusedAs('1'))))],
  ['refused documents with new ids', MOST_OF_ONE_MB, () => flood(() => refusedAs(newId()))],
  [
    'unfinished messages',
    MOST_OF_MANY_MB,
    () => times(400, () => void dial(OPENING, frame(1, 'x'.repeat(PARTIAL), PARTIAL + 8))),
  ],
  [
    'unfinished fragments',
    MOST_OF_MANY_MB,
    () => times(400, () => void dial(OPENING, frame(1, 'x'.repeat(PARTIAL), PARTIAL, false))),
  ],
  ['unread responses', MOST_OF_MANY_MB, () => void slowly(40, () => void dial(REQUEST)), 120_000],
];

const rssMb = (): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${gateway.pid}/status`, 'utf8'))?.[1]) / 1_024;

/** Sends requests as another caller. Returns the 99th percentile in ms and the peak memory in MB. */
async function watch(ms: number): Promise<{ p99: number; mostMb: number }> {
  const latencies: number[] = [];
  let mostMb = 0;
  for (const end = performance.now() + ms; performance.now() < end; await sleep(20)) {
    const from = performance.now();
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
      signal: AbortSignal.timeout(60_000),
    });
    await answer.text();
    latencies.push(performance.now() - from);
    mostMb = Math.max(mostMb, rssMb());
  }
  latencies.sort((a, b) => a - b);
  return { p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0, mostMb };
}

async function readLarge(): Promise<void> {
  for (let n = 0; n < 6; n += 1) {
    const answer = await fetch(`${url}/graphql`, { method: 'POST', headers: HEADERS, body: LARGE });
    const { length } = await answer.text();
    if (length < 8_000_000) throw new Error(`a large response has only ${length} bytes`);
    // Longer than the lifetime of the cache.
    await sleep(1_500);
  }
}

let ok = true;
/** Names of attacks to run. The default is all. */
const chosen = process.argv.slice(2);
for (const [name, mostMb, begin, makesForMs = 0] of ATTACKS) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  // The memory to build large responses is also used when they are read.
  if (makesForMs > 0) await readLarge();
  const calm = await watch(CALM_MS);
  const before = rssMb();
  await begin();
  const making = makesForMs > 0 ? await watch(makesForMs) : undefined;
  const during = await watch(ATTACK_MS);
  const grown = Math.max(during.mostMb, making?.mostMb ?? 0) - before;
  const longer = during.p99 - calm.p99;
  const fits = grown <= mostMb && longer <= MOST_LONGER_MS;
  ok &&= fits;
  console.log(
    `${name}: ${grown.toFixed(0)} MB more (at most ${mostMb}), p99 ${calm.p99.toFixed(0)} to ${during.p99.toFixed(0)} ms${fits ? '' : ' TOO MUCH'}`,
  );
  for (const socket of open) socket.destroy();
}
gateway.kill('SIGTERM');
await once(gateway, 'exit');
await simulator.close();
process.exit(ok ? 0 : 1);
