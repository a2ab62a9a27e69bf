import { setTimeout as pause } from 'node:timers/promises';
import type WebSocket from 'ws';
import type { Running } from '../lib/processes.ts';
import { quantile, seeded } from '../lib/statistics.ts';
import { connect, subscribe } from '../live/clients.ts';
import { startGateway, type World } from '../live/servers.ts';

const WATCH = 'subscription { snapshotChanges(initial: false) { kind uuid state snapshot { uuid name state } } }';
const QUERY = '{ snapshots(first: 20) { nodes { uuid name state } } }';
/** Callers that subscribe at the same time. */
const TOGETHER = 20;
/** A change that has not been reported so long after the window counts as this. */
const LATE_MS = 30_000;
const READY_MS = 300_000;

export interface Plan {
  /** Tokens of the callers, each of whom watches all that they see. */
  readonly tokens: readonly string[];
  /** How many of them see a snapshot. */
  readonly audience: number;
  readonly windowMs: number;
  readonly changesPerMinute: number;
  readonly queriesPerSecond: number;
  /** How long to wait at most for hints to replace the polls. */
  readonly settleMs: number;
}

/** What one gateway and its Waldur did during a window. */
export interface Phase {
  /** After all streams had begun, until hints replaced the polls of all callers, or this was no longer waited for. */
  readonly settledMs: number;
  /** Of a real Waldur's time, in ms, for each second. */
  readonly busyMsPerSecond: number;
  readonly callsPerMinute: number;
  readonly byRoute: Readonly<Record<string, number>>;
  /** From a change to its event, of each caller, in ms. */
  readonly delayMs: { readonly median: number; readonly p95: number; readonly most: number };
  /** Events that had not come 30 s after the window, of all. */
  readonly missing: number;
  readonly expected: number;
  readonly queryMs: { readonly median: number; readonly p95: number };
  /** CPU time of the gateway for each second, in ms. */
  readonly gatewayMsPerSecond: number;
  readonly gatewayMib: number;
}

interface Stats {
  readonly total: number;
  readonly busyMs: number;
  readonly byRoute: Readonly<Record<string, number>>;
}

/** Queries of callers in turn, at a fixed rate, whether or not the earlier ones have been answered. @returns their durations in ms. */
export async function query(port: number, { tokens, queriesPerSecond }: Plan, forMs: number): Promise<number[]> {
  const durations: Promise<number>[] = [];
  const began = performance.now();
  for (let at = 0; performance.now() - began < forMs; at += 1) {
    durations.push(ask(port, tokens[(at * 7) % tokens.length] ?? ''));
    await pause(Math.max(0, began + (at + 1) * (1_000 / queriesPerSecond) - performance.now()));
  }
  return Promise.all(durations);
}

async function ask(port: number, token: string): Promise<number> {
  const began = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY }),
  });
  const { errors } = (await response.json()) as { errors?: unknown };
  if (errors !== undefined) throw new Error(`a query failed: ${JSON.stringify(errors).slice(0, 300)}`);
  return performance.now() - began;
}

/** Watchers of everything, and when each was told of which change. */
class Watchers {
  readonly sockets: WebSocket[] = [];
  readonly #sent: number[] = [];
  readonly delays: number[] = [];
  readonly #name: RegExp;
  ready = 0;

  /** @param label in the names of this phase: an object that has a name already would show no change. */
  constructor(label: string) {
    this.#name = new RegExp(`"name":"change ${label} (\\d+)"`);
  }

  async connect(port: number, tokens: readonly string[]): Promise<void> {
    for (let from = 0; from < tokens.length; from += TOGETHER) {
      const some = tokens.slice(from, from + TOGETHER);
      await Promise.all(some.map((token) => this.#open(port, token)));
    }
    await until(() => this.ready >= tokens.length, READY_MS);
    if (this.ready < tokens.length) throw new Error(`only ${this.ready} of ${tokens.length} streams have begun`);
  }

  /** The change with this number is made now. */
  changed(at: number): void {
    this.#sent[at] = performance.now();
  }

  async #open(port: number, token: string): Promise<void> {
    const socket = await connect(port, token);
    let hasBegun = false;
    const seen = new Set<number>();
    socket.on('message', (data: Buffer) => {
      if (!hasBegun && data.includes('"BOOKMARK"')) {
        hasBegun = true;
        this.ready += 1;
      }
      const change = this.#name.exec(data.toString())?.[1];
      if (change === undefined) return;
      // The second step of an action also shows that the first one is over.
      for (let at = Number(change) & ~1; at <= Number(change); at += 1) {
        const sent = this.#sent[at];
        if (sent === undefined || seen.has(at)) continue;
        seen.add(at);
        this.delays.push(performance.now() - sent);
      }
    });
    subscribe(socket, 'watch', WATCH, {});
    this.sockets.push(socket);
  }
}

/** Measures one gateway with all callers watching. */
export async function measurePhase(world: World, plan: Plan, env: Readonly<Record<string, string>>): Promise<Phase> {
  const gateway = await startGateway(world, { CACHE_TTL_MS: '0', ...env });
  const isWatched = env.WATCH_TOKEN !== undefined;
  const label = isWatched ? 'with' : 'without';
  const watchers = new Watchers(label);
  try {
    await watchers.connect(gateway.port, plan.tokens);
    const settledMs = await settle(gateway, plan, isWatched);
    await fetch(`${world.url}/__sim/stats`, { method: 'DELETE' });
    const [began, cpu] = [performance.now(), gateway.cpuMs()];
    const [queries, changes] = await Promise.all([
      query(gateway.port, plan, plan.windowMs),
      change(world, plan, watchers, label),
    ]);
    const stats = (await (await fetch(`${world.url}/__sim/stats`)).json()) as Stats;
    const tookS = (performance.now() - began) / 1_000;
    const gatewayMs = gateway.cpuMs() - cpu;
    const expected = changes * plan.audience;
    await until(() => watchers.delays.length >= expected, LATE_MS);
    const missing = expected - watchers.delays.length;
    const delays = [...watchers.delays, ...Array.from({ length: missing }, () => LATE_MS)];
    return {
      settledMs,
      busyMsPerSecond: stats.busyMs / tookS,
      callsPerMinute: (stats.total / tookS) * 60,
      byRoute: stats.byRoute,
      delayMs: { median: quantile(delays, 0.5), p95: quantile(delays, 0.95), most: quantile(delays, 1) },
      missing,
      expected,
      queryMs: { median: quantile(queries, 0.5), p95: quantile(queries, 0.95) },
      gatewayMsPerSecond: gatewayMs / tookS,
      gatewayMib: gateway.residentMib(),
    };
  } finally {
    for (const socket of watchers.sockets) socket.terminate();
    await gateway.stop();
  }
}

/** Waits until hints replace the polls of all callers, or for the time of the plan. Without hints polls are soon as they stay. */
async function settle({ port }: Running, { tokens, settleMs }: Plan, isWatched: boolean): Promise<number> {
  const began = performance.now();
  const mostMs = isWatched ? settleMs : settleMs / 4;
  for (;;) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const hinted = Number(/^waldur_graph_informers_hinted (.+)$/m.exec(text)?.[1]);
    const took = performance.now() - began;
    if (hinted >= tokens.length || took >= mostMs) return took;
    await pause(500);
  }
}

/** Queries without any subscription, for comparison. @returns their durations in ms. */
export async function measureQueries(world: World, plan: Plan): Promise<number[]> {
  const gateway = await startGateway(world, { CACHE_TTL_MS: '0' });
  try {
    await query(gateway.port, plan, plan.windowMs / 4);
    return await query(gateway.port, plan, plan.windowMs / 2);
  } finally {
    await gateway.stop();
  }
}

/**
 * Changes outside the gateway, one at a random time in each slot: actions with two steps each, to UPDATING with a new name, and back to OK. No
 * action is shorter than two seconds: Waldur's are not, and who polls cannot see one that ends before the next poll.
 */
async function change(
  world: World,
  { windowMs, changesPerMinute }: Plan,
  watchers: Watchers,
  label: string,
): Promise<number> {
  const random = seeded(26);
  const slotMs = 60_000 / changesPerMinute;
  const slots = Math.floor(windowMs / slotMs);
  const began = performance.now();
  for (let slot = 0; slot < slots; slot += 1) {
    // The first step is in the first third of its slot of 3 s.
    const share = slot % 2 === 0 ? random() / 3 : random();
    await pause(Math.max(0, began + (slot + share) * slotMs - performance.now()));
    const uuid = world.uuids[slot >> 1];
    if (uuid === undefined) throw new Error('the embedded Waldur has too few settled snapshots');
    watchers.changed(slot);
    await world.patch(uuid, { name: `change ${label} ${slot}`, state: slot % 2 === 0 ? 'UPDATING' : 'OK' });
  }
  await pause(Math.max(0, began + windowMs - performance.now()));
  return slots;
}

async function until(condition: () => boolean, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition() && performance.now() < end) await pause(10);
}
