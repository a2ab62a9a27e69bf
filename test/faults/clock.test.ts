import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { at, dataset, type JsonValue, tokenOf } from '../support/gateway.ts';
import { Client, type LiveEvent, operation, type Stream } from '../support/live.ts';
import { openSocket, type RawSocket } from '../support/socket.ts';
import { pipeline, postText } from './support/pipeline.ts';
import { type Process, startProcess } from './support/process.ts';

/** A gateway as a process of its own whose system time is set, or which is stopped and woken, before a Waldur that goes on all the time. */

const CACHE_TTL_MS = 1_000;
const CALLS_TIMEOUT_MS = 3_000;
const REQUESTS_PER_SECOND = 20;
/** A transitional object is looked at every 1.1 s. A deadline of a wrong clock would be late by three seconds or more. */
const TOLD_WITHIN_MS = 2_900;
const HOUR_MS = 3_600_000;
const ROUNDS = Number(process.env.CLOCK_ROUNDS ?? 1);

/** A Waldur, and the gateway before it. */
interface Pair {
  readonly simulator: Simulator;
  readonly gateway: Process;
  readonly url: string;
  /** What the gateway's system time is ahead by. */
  ahead: number;
}

async function startPair(): Promise<Pair> {
  const simulator = await startSimulator({ port: 0, dataset, frozen: true });
  const env = {
    WALDUR_API_URL: simulator.url,
    CACHE_TTL_MS: String(CACHE_TTL_MS),
    UPSTREAM_TIMEOUT_MS: String(CALLS_TIMEOUT_MS),
    MAX_REQUESTS_PER_SECOND: String(REQUESTS_PER_SECOND),
  };
  const gateway = startProcess(env, { preload: 'test/faults/support/set-clock.mjs' });
  const url = await gateway.printed(/GraphQL\s+(http:\S+)\/graphql/);
  return { simulator, gateway, url, ahead: 0 };
}

const codeOf = (answer: JsonValue) => at(answer, 'errors', 0, 'extensions', 'code');

/** Time is what these tests are about: lets so much of it pass. */
const passed = async (ms: number): Promise<void> => {
  const from = performance.now();
  await vi.waitFor(() => expect(performance.now() - from).toBeGreaterThan(ms), { timeout: ms + 5_000, interval: 20 });
};

const setTime = (ms: number) => async (pair: Pair) => {
  pair.ahead += ms;
  const acknowledged = once(pair.gateway.child, 'message');
  pair.gateway.child.send(pair.ahead);
  const [time] = await acknowledged;
  if (time !== pair.ahead) throw new Error(`the time is ahead by ${time}, not by ${pair.ahead}`);
};

interface Disturbance {
  readonly what: string;
  begin(pair: Pair): Promise<void> | void;
  end(pair: Pair): void;
}
const nothing = (): void => {};
const DISTURBANCES: readonly Disturbance[] = [
  { what: 'the time set back by an hour', begin: setTime(-HOUR_MS), end: nothing },
  { what: 'the time set ahead by an hour', begin: setTime(HOUR_MS), end: nothing },
  { what: 'the time set back by three seconds', begin: setTime(-3_000), end: nothing },
  {
    what: 'the process stopped and woken',
    begin: ({ gateway }) => void gateway.child.kill('SIGSTOP'),
    end: ({ gateway }) => void gateway.child.kill('SIGCONT'),
  },
];

/** Of the tests of one gateway. The gateways run at the same time, because all that happens to one of them is waiting for real time. */
const IN_ORDER = { concurrent: false };

describe.concurrent.each(DISTURBANCES)('case 51: $what', ({ begin, end }) => {
  let pair: Pair;
  /** Of somebody who never says who it is. */
  let silent: RawSocket;
  let openedAt: number;

  const control = async (method: string, path: string, body?: object): Promise<JsonValue> => {
    const init = { method, ...(body && { body: JSON.stringify(body) }) };
    const answer = await fetch(`${pair.simulator.url}/__sim/${path}`, init);
    const said = (await answer.json()) as JsonValue;
    if (!answer.ok) throw new Error(JSON.stringify(said));
    return said;
  };

  const ask = async (query: string, username = 'staff'): Promise<JsonValue> => {
    const headers = { 'content-type': 'application/json', authorization: `Token ${tokenOf(username)}` };
    const answer = await fetch(`${pair.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    return (await answer.json()) as JsonValue;
  };

  const disturbed = async (ms: number, meanwhile: () => unknown = nothing): Promise<void> => {
    await begin(pair);
    try {
      await meanwhile();
      await passed(ms);
    } finally {
      end(pair);
    }
  };

  beforeAll(async () => {
    pair = await startPair();
    openedAt = performance.now();
    silent = await openSocket(pair.url);
  });
  afterEach(() => pair.simulator.faults.clear());
  afterAll(async () => {
    pair.gateway.child.kill('SIGKILL');
    await pair.gateway.ended;
    await pair.simulator.close();
  });

  describe.each(Array.from({ length: ROUNDS }, (_, i) => i + 1))('round %i', IN_ORDER, (round) => {
    it('streams continue with their cursors and without a burst of calls', IN_ORDER, async ({ expect }) => {
      const name = `of round ${round}`;
      const client = await Client.open(pair.url, tokenOf('staff'));
      const watch = (after?: string): Stream =>
        client.subscribe(operation('SnapshotChanges'), { filter: { name }, ...(after && { after }) });
      const uuid = String(at(await control('POST', 'snapshots', { name, state: 'UPDATING' }), 'uuid'));
      const stream = watch();
      await stream.until('BOOKMARK');
      const toldAfter = async (): Promise<{ ms: number; last: LiveEvent | undefined }> => {
        const from = performance.now();
        const told = await stream.until('STATE_CHANGED');
        return { ms: performance.now() - from, last: told.at(-1) };
      };
      await control('PATCH', `snapshots/${uuid}`, { state: 'CREATING' });
      const undisturbed = await toldAfter();
      const cursor = stream.cursor;
      let calls = 0;
      await disturbed(3_000, async () => {
        await control('PATCH', `snapshots/${uuid}`, { state: 'UPDATING' });
        calls = pair.simulator.stats().total;
      });
      const { ms, last: told } = await toldAfter();
      expect(told).toMatchObject({ uuid, state: 'UPDATING', previousState: 'CREATING' });
      expect(ms).toBeLessThan(TOLD_WITHIN_MS + undisturbed.ms);
      // One each 1.1 s, and what the beginning and the end add; those that a stopped process missed are not made up for.
      expect(pair.simulator.stats().total - calls).toBeLessThan(12);
      const resumed = (await watch(cursor).until('BOOKMARK')).map(({ kind }) => kind);
      expect(resumed).toEqual(['STATE_CHANGED', 'BOOKMARK']);
      await control('PATCH', `snapshots/${uuid}`, { state: 'OK' });
      const [last] = (await stream.until(({ state }) => state === 'OK')).slice(-1);
      // What is shown is the system's time.
      expect(Math.abs(Date.parse(String(last?.observedAt)) - (Date.now() + pair.ahead))).toBeLessThan(10_000);
      client.socket.close();
      await client.socket.closed;
    });

    it('cached answers expire, and a revoked token is noticed', IN_ORDER, async ({ expect }) => {
      const query = '{ snapshots(first: 3) { nodes { name } } }';
      expect(codeOf(await ask(query, 'manager1'))).toBeUndefined();
      await disturbed(CACHE_TTL_MS + 200, () => control('POST', `tokens/${tokenOf('manager1')}/revoke`));
      expect(codeOf(await ask(query, 'manager1'))).toBe('UNAUTHENTICATED');
      pair.simulator.reset();
    });

    it('quotas are refilled', IN_ORDER, async ({ expect }) => {
      // All in one piece, so that no machine takes seconds to send them.
      const request = postText({ query: '{ __typename }' }, `Token ${tokenOf('staff')}`);
      const { socket, bodies } = pipeline(pair.url, new Array<string>(10 * REQUESTS_PER_SECOND).fill(request));
      await vi.waitFor(() => expect(bodies()).toHaveLength(10 * REQUESTS_PER_SECOND), { timeout: 30_000 });
      socket.destroy();
      expect(bodies().join()).toContain('RATE_LIMITED');
      await disturbed(1_100);
      expect(codeOf(await ask('{ __typename }'))).toBeUndefined();
    });

    it('the breaker closes', IN_ORDER, async ({ expect }) => {
      pair.simulator.faults.add({ path: '/api/', status: 503 });
      await vi.waitFor(
        async () => {
          const calls = pair.simulator.stats().total;
          // Whoever is refused without a call has met an open breaker.
          const codes = await Promise.all(
            Array.from({ length: 6 }, (_, i) => ask(`{ snapshots(first: ${i + 10}) { nodes { uuid } } }`).then(codeOf)),
          );
          expect([new Set(codes), pair.simulator.stats().total]).toEqual([new Set(['UPSTREAM_UNAVAILABLE']), calls]);
        },
        { timeout: 15_000, interval: 400 },
      );
      await disturbed(2_100, () => pair.simulator.faults.clear());
      // The one call that tries may be a poll's; who asks at that moment is refused once more.
      await vi.waitFor(
        async () => expect(codeOf(await ask('{ snapshots(first: 30) { nodes { uuid } } }'))).toBeUndefined(),
        { timeout: 2_000, interval: 50 },
      );
    });

    it('calls have exactly their time limit', IN_ORDER, async ({ expect }) => {
      const query = '{ snapshots(first: 4) { nodes { name sourceVolume { name runtimeState } } } }';
      pair.simulator.faults.add({ path: '/api/openstack-snapshots/', latencyMs: 500, times: 1 });
      const inFlight = () =>
        vi.waitFor(() => expect(pair.simulator.stats().inFlight).toBe(1), { timeout: 20_000, interval: 5 });
      const inTime = ask(query);
      await inFlight();
      await disturbed(600);
      expect(codeOf(await inTime)).toBeUndefined();
      pair.simulator.faults.add({ path: '/api/', latencyMs: 60_000 });
      const from = performance.now();
      const late = ask('{ volumes(first: 7) { nodes { name } } }');
      await inFlight();
      await disturbed(500);
      expect(codeOf(await late)).toBe('UPSTREAM_TIMEOUT');
      expect(performance.now() - from).toBeGreaterThan(CALLS_TIMEOUT_MS - 100);
      // Waldur would have answered after a minute.
      expect(performance.now() - from).toBeLessThan(50_000);
      pair.simulator.faults.clear();
    });

    it('readiness follows Waldur', IN_ORDER, async ({ expect }) => {
      const ready = async () => (await fetch(`${pair.url}/health/ready`)).status;
      await vi.waitFor(async () => expect(await ready()).toBe(200), { timeout: 60_000, interval: 100 });
      pair.simulator.faults.add({ path: '/api/', reset: true });
      await disturbed(5_100);
      expect(await ready()).toBe(503);
      pair.simulator.faults.clear();
    });
  });

  it('a socket without connection_init is closed after its timeout', IN_ORDER, async ({ expect }) => {
    const { code } = await silent.closed;
    expect(code).toBe(4408);
    expect(performance.now() - openedAt).toBeGreaterThan(9_900);
  });
});
