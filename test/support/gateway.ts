import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Dataset } from '../../simulator/model.ts';
import type { Simulator } from '../../simulator/server.ts';
import { type Config, configWith } from '../../src/config.ts';
import { createGateway, type Gateway, type Overrides } from '../../src/gateway.ts';

/** The recorded world: objects with names that tell what is special about them; see test/recordings/README.md. */
export const dataset: Dataset = JSON.parse(
  readFileSync(new URL('../recordings/dataset.json', import.meta.url), 'utf8'),
);

const rowNamed = (table: keyof Dataset, name: string) => {
  const row = dataset[table].find((one) => one.name === name);
  if (typeof row?.uuid !== 'string') throw new Error(`the dataset has no ${table} named ${name}`);
  return row.uuid;
};

/** Uuids of the recorded world, by name. */
export const uuidOf = {
  snapshot: (name: string) => rowNamed('snapshots', name),
  volume: (name: string) => rowNamed('volumes', name),
  project: (name: string) => rowNamed('projects', name),
  tenant: (name: string) => rowNamed('tenants', name),
  instance: (name: string) => rowNamed('instances', name),
};

/** Token of a user of the recorded world. */
export function tokenOf(username: string): string {
  const user = dataset.users.find((one) => one.username === username);
  if (typeof user?.token !== 'string') throw new Error(`the dataset has no token of ${username}`);
  return user.token;
}

/** JSON of an answer. Tests read it through `toEqual` and `at`, never through `any`. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

export interface GraphQLAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: JsonValue | undefined;
  readonly errors: { message: string; path?: (string | number)[]; extensions: Record<string, JsonValue> }[] | undefined;
  readonly extensions: JsonValue | undefined;
}

/** The value at a path of keys within an answer; undefined where there is none. */
export function at(value: JsonValue | undefined, ...path: (string | number)[]): JsonValue | undefined {
  let found: JsonValue | undefined = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Array.isArray(found) ? found[Number(key)] : found[key];
  }
  return found;
}

export interface Running {
  readonly gateway: Gateway;
  readonly simulator: Simulator;
  readonly url: string;
  /** Lines of the log so far. */
  readonly log: string[];
  /** Sends one operation by POST. `as`: username of the recorded world, null for nobody; staff by default. */
  query(document: string, options?: QueryOptions): Promise<GraphQLAnswer>;
  /** Calls that reached the upstream since the last reset. */
  calls(): number;
  callsByRoute(): Readonly<Record<string, number>>;
  /** The last requests as the upstream received them, oldest first. */
  requests(): Promise<UpstreamRequest[]>;
  /** Those that arrived since `calls()` returned `from`. @throws for more than are kept. */
  requestsSince(from: number): Promise<UpstreamRequest[]>;
}

export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface QueryOptions {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly as?: string | null;
  readonly headers?: Record<string, string>;
}

/** `recorded` stands still; `made-up` is the one that people get, and moves. */
export type WorldName = 'recorded' | 'made-up';

/** Starts a gateway on its own embedded Waldur. */
export async function startGateway(
  config: Partial<Config> = {},
  overrides: Overrides = {},
  world: WorldName = 'recorded',
): Promise<Running> {
  const log: string[] = [];
  const gateway = await createGateway(
    configWith({ port: 0, simulatorPort: 0, logLevel: 'info', shutdownTimeoutMs: 1_000, cacheTtlMs: 0, ...config }),
    {
      logTo: { write: (line) => log.push(line) },
      ...overrides,
      simulator: { ...(world === 'recorded' && { dataset, frozen: true }), ...overrides.simulator },
    },
  );
  const { simulator } = gateway;
  if (simulator === undefined) throw new Error('the gateway has no embedded Waldur');
  const query = async (document: string, options: QueryOptions = {}): Promise<GraphQLAnswer> => {
    const { variables, operationName, as = 'staff', headers } = options;
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(as !== null && { authorization: `Token ${tokenOf(as)}` }),
        ...headers,
      },
      body: JSON.stringify({ query: document, variables, operationName }),
    });
    const { data, errors, extensions } = (await response.json()) as Pick<
      GraphQLAnswer,
      'data' | 'errors' | 'extensions'
    >;
    return { status: response.status, headers: response.headers, data, errors, extensions };
  };
  const requests = async (): Promise<UpstreamRequest[]> =>
    (await (await fetch(`${simulator.url}/__sim/requests?last=100`)).json()) as UpstreamRequest[];
  return {
    gateway,
    simulator,
    url: gateway.url,
    log,
    query,
    calls: () => simulator.stats().total,
    callsByRoute: () => simulator.stats().byRoute,
    requests,
    async requestsSince(from) {
      const kept = await requests();
      const count = simulator.stats().total - from;
      if (count > kept.length) throw new Error(`${count} requests arrived, and only ${kept.length} are kept`);
      // `slice(-0)` returns all of them.
      return count === 0 ? [] : kept.slice(-count);
    },
  };
}

/**
 * One gateway for a test file, its world and counters put back before each test.
 * @returns what reads the running gateway; usable within tests and hooks.
 */
export function useGateway(
  config: Partial<Config> = {},
  overrides: Overrides = {},
  world: WorldName = 'recorded',
): () => Running {
  let running: Running | undefined;
  const current = (): Running => {
    if (running === undefined) throw new Error('the gateway is not running yet');
    return running;
  };
  beforeAll(async () => {
    running = await startGateway(config, overrides, world);
  });
  beforeEach(() => {
    current().simulator.reset();
    current().simulator.faults.clear();
    current().simulator.resetStats();
  });
  afterAll(() => running?.gateway.close());
  return current;
}
