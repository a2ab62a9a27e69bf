import { afterEach } from 'vitest';
import type { SimulatorOptions } from '../../../simulator/options.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';

const started: Simulator[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((simulator) => simulator.close()));
});

export interface Answer<Body = unknown> {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON, else the text; the test says what it expects. */
  body: Body;
}

/** What control endpoints answer to a mistake. */
export interface Mistake {
  error: string;
}

interface ApiOptions {
  as?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Client {
  simulator: Simulator;
  /** An API request as one of the users; `staff` when none is named. */
  api<Body>(method: string, path: string, options?: ApiOptions): Promise<Answer<Body>>;
  /** A control request. */
  sim<Body>(method: string, path: string, body?: unknown): Promise<Answer<Body>>;
  token(username: string): string;
}

/** Starts an embedded Waldur for one test; it is closed afterwards. Small and frozen unless asked otherwise. */
export async function client(options: Partial<SimulatorOptions> = {}): Promise<Client> {
  const simulator = await startSimulator({ frozen: true, snapshots: 60, ...options });
  started.push(simulator);
  const token = (username: string): string => {
    const found = simulator.tokens().find((entry) => entry.username === username);
    if (found === undefined) throw new Error(`no token of ${username}`);
    return found.token;
  };
  const send = async <Body>(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<Answer<Body>> => {
    const answer = await fetch(simulator.url + path, {
      method,
      redirect: 'manual',
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') && text !== '';
    return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
  };
  return {
    simulator,
    token,
    api: (method, path, { as = 'staff', body, headers } = {}) =>
      send(method, path, { accept: 'application/json', authorization: `Token ${token(as)}`, ...headers }, body),
    sim: (method, path, body) => send(method, `/__sim${path}`, {}, body),
  };
}
