import type { Running } from '../lib/processes.ts';

/** One GET; the path begins at the collection. @throws when the answer is not 200. */
export type Rest = (path: string) => Promise<{ readonly rows: readonly Row[]; readonly total: number }>;

export interface Row {
  readonly uuid: string;
  readonly name: string;
}

export interface Timed<T> {
  readonly value: T;
  readonly tookMs: number;
  /** What Waldur received meanwhile. */
  readonly calls: number;
}

/** The embedded Waldur in a process of its own, by its REST API and its control endpoints. */
export class Waldur {
  readonly url: string;

  constructor({ port }: Running) {
    this.url = `http://127.0.0.1:${port}`;
  }

  /** The token of the first user with this role. */
  async tokenOf(role: string): Promise<string> {
    const all = (await this.control('GET', 'tokens')) as { role: string; token: string }[];
    const found = all.find((each) => each.role === role);
    if (found === undefined) throw new Error(`the embedded Waldur has no ${role}`);
    return found.token;
  }

  restFor(token: string): Rest {
    return async (path) => {
      const response = await fetch(`${this.url}/api/${path}`, {
        headers: { authorization: `Token ${token}`, accept: 'application/json' },
      });
      if (!response.ok) throw new Error(`REST answered ${response.status} to ${path}`);
      return { rows: (await response.json()) as Row[], total: Number(response.headers.get('x-result-count')) };
    };
  }

  /** Runs something, and tells how long it took and how many calls arrived meanwhile. */
  async time<T>(action: () => Promise<T>): Promise<Timed<T>> {
    await this.control('DELETE', 'stats');
    const began = performance.now();
    const value = await action();
    const tookMs = performance.now() - began;
    return { value, tookMs, calls: ((await this.control('GET', 'stats')) as { total: number }).total };
  }

  /** Asks a control endpoint. @throws when it refuses. */
  async control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const sent = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${this.url}/__sim/${path}`, { method, ...sent });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /__sim/${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
