import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { configWith } from '../../src/config.ts';
import { createGateway, type Gateway, type Overrides } from '../../src/gateway.ts';
import { dataset, tokenOf } from './gateway.ts';
import { Client, operation, type Stream } from './live.ts';

const HOUR_MS = 3_600_000;

export interface Replica {
  readonly gateway: Gateway;
  readonly log: string[];
  query(document: string, variables?: object, as?: string): Promise<unknown>;
  /** The value of a series. */
  metric(name: string): Promise<number>;
}

/** Gateways in this process that share one Waldur; each with clocks of its own. */
export class ReplicaBench {
  readonly simulator: Simulator;
  readonly replicas: Replica[] = [];
  readonly #clients: Client[] = [];

  private constructor(simulator: Simulator) {
    this.simulator = simulator;
  }

  static async start(): Promise<ReplicaBench> {
    return new ReplicaBench(await startSimulator({ dataset, frozen: true }));
  }

  /** @param at its number, and by how many hours its monotonic clock is ahead and its system time behind. */
  async add(redisUrl: string, at: number, overrides: Overrides = {}): Promise<Replica> {
    const log: string[] = [];
    const gateway = await createGateway(
      configWith({
        port: 0,
        waldurApiUrl: this.simulator.url,
        redisUrl,
        cursorKey: 'a key that all replicas have',
        metrics: true,
        cacheTtlMs: 0,
        shutdownTimeoutMs: 1_000,
        socketDrainMs: 0,
      }),
      {
        logTo: { write: (line) => log.push(line) },
        now: () => performance.now() + at * HOUR_MS,
        wallNow: () => Date.now() - at * HOUR_MS,
        ...overrides,
      },
    );
    const replica: Replica = {
      gateway,
      log,
      async query(query, variables = {}, as = 'staff') {
        const headers = { 'content-type': 'application/json', authorization: `Token ${tokenOf(as)}` };
        const body = JSON.stringify({ query, variables });
        return (await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body })).json();
      },
      async metric(name) {
        const text = await (await fetch(`${gateway.url}/metrics`)).text();
        return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
      },
    };
    this.replicas.push(replica);
    return replica;
  }

  /** A subscription on one replica; resolves when it has the present state. */
  async watch(replica: Replica, variables: Record<string, unknown> = {}, as = 'staff'): Promise<Stream> {
    const client = await Client.open(replica.gateway.url, tokenOf(as));
    this.#clients.push(client);
    const stream = client.subscribe(operation('SnapshotChanges'), variables);
    await stream.until('BOOKMARK');
    return stream;
  }

  /** Calls to Waldur that list snapshots. */
  lists(): number {
    return this.simulator.stats().total;
  }

  async stop(): Promise<void> {
    for (const { socket } of this.#clients) socket.close();
    await Promise.all(this.replicas.map(({ gateway }) => gateway.close()));
    await this.simulator.close();
  }
}
