import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { Overrides } from '../../src/gateway.ts';
import type { Tuning } from '../../src/live/index.ts';
import { at, type JsonValue, type Running, tokenOf, useGateway } from './gateway.ts';
import { type Message, openSocket, type RawSocket } from './socket.ts';

/** The paces of the engine, shortened alike, so that tests wait for events and not for intervals. */
export const FAST: Partial<Tuning> = {
  burstMs: [10, 25, 60],
  burstSlotMs: 5,
  hotMs: 25,
  warmMs: 30,
  idleMs: 40,
  relistMs: 150,
  pageMs: 50,
  relationsMs: 150,
  relationsMostMs: 1_000,
  lingerMs: 0,
  backoffMs: { least: 10, most: 40 },
  asideStepMs: 5,
  asideMostMs: { hot: 20, warm: 40, idle: 60 },
  callerCallsPerSecond: 2_000,
  callerCallsBurst: 2_000,
  callsPerSecond: 10_000,
  callsBurst: 10_000,
};

const OPERATIONS = readFileSync(new URL('../operations/subscriptions.graphql', import.meta.url), 'utf8');

/** A document of test/operations/subscriptions.graphql, unchanged: the whole file, and the operation's name. */
export const operation = (operationName: string): Operation => ({ query: OPERATIONS, operationName });

export interface Operation {
  readonly query: string;
  readonly operationName?: string;
}

/** One event as the root field of a subscription answers it. */
export interface LiveEvent {
  readonly kind: string;
  readonly id?: string | null;
  readonly uuid?: string | null;
  readonly totalCount?: number | null;
  readonly state?: string | null;
  readonly previousState?: string | null;
  readonly cursor?: string | null;
  readonly observedAt?: string;
  readonly isSettled?: boolean;
  readonly snapshot?: JsonValue;
  readonly volume?: JsonValue;
}

/** How a stream came to its end. */
export type End = { readonly type: 'complete' } | { readonly type: 'error'; readonly codes: JsonValue[] };

/** One subscription over a socket; keeps everything that it was sent. */
export class Stream {
  readonly events: LiveEvent[] = [];
  /** Errors beside the data of events. */
  readonly errors: JsonValue[] = [];
  ended: End | undefined;
  readonly id: string;
  readonly #socket: RawSocket;
  #read = 0;
  #closedWith: number | undefined;
  #tell: () => void = () => {};

  constructor(socket: RawSocket, id: string) {
    this.#socket = socket;
    this.id = id;
  }

  take({ type, payload }: Message): void {
    if (type === 'next') {
      const errors = at(payload, 'errors');
      if (Array.isArray(errors)) this.errors.push(...errors);
      const [event] = Object.values(Object(at(payload, 'data')));
      if (event !== undefined && event !== null) this.events.push(event as LiveEvent);
    } else if (type === 'complete') {
      this.ended ??= { type };
    } else if (type === 'error' && Array.isArray(payload)) {
      this.ended = { type, codes: payload.map((error) => at(error, 'extensions', 'code') ?? null) };
    }
    this.#tell();
  }

  /** The socket was closed; who waits fails at once instead of after the test's timeout. */
  close(code: number): void {
    this.#closedWith = code;
    this.#tell();
  }

  /** The next event not yet taken; waits for it. @throws when the stream or the socket ends instead. */
  async next(): Promise<LiveEvent> {
    for (;;) {
      const event = this.events[this.#read];
      if (event !== undefined) {
        this.#read += 1;
        return event;
      }
      if (this.ended !== undefined) throw new Error(`the stream has ended: ${JSON.stringify(this)}`);
      await this.#change();
    }
  }

  /** Events up to and including the first that fulfils the condition. */
  async until(condition: string | ((event: LiveEvent) => boolean)): Promise<LiveEvent[]> {
    const fulfils = typeof condition === 'string' ? ({ kind }: LiveEvent) => kind === condition : condition;
    const taken: LiveEvent[] = [];
    for (;;) {
      const event = await this.next();
      taken.push(event);
      if (fulfils(event)) return taken;
    }
  }

  /** How it ends; waits for it. @throws when the socket ends instead. */
  async end(): Promise<End> {
    while (this.ended === undefined) await this.#change();
    return this.ended;
  }

  /** The cursor of the last event that has one. */
  get cursor(): string {
    const cursor = this.events.findLast((event) => event.cursor != null)?.cursor;
    if (cursor == null) throw new Error('no event had a cursor yet');
    return cursor;
  }

  /** Tells the gateway that nothing more is wanted. */
  leave(): void {
    this.#socket.send({ id: this.id, type: 'complete' });
  }

  #change(): Promise<void> {
    if (this.#closedWith !== undefined) throw new Error(`the socket was closed with code ${this.#closedWith}`);
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }
}

/** One client on one socket, with any number of operations. */
export class Client {
  readonly socket: RawSocket;
  readonly #streams = new Map<string, Stream>();
  #ids = 0;

  private constructor(socket: RawSocket) {
    this.socket = socket;
    void this.#read();
    void socket.closed.then(({ code }) => {
      for (const stream of this.#streams.values()) stream.close(code);
    });
  }

  /** Opens a socket for the holder of a token. */
  static async open(url: string, token: string): Promise<Client> {
    const socket = await openSocket(url);
    await socket.init({ Authorization: `Token ${token}` });
    return new Client(socket);
  }

  subscribe({ query, operationName }: Operation, variables: Record<string, unknown> = {}): Stream {
    this.#ids += 1;
    const id = String(this.#ids);
    const stream = new Stream(this.socket, id);
    this.#streams.set(id, stream);
    this.socket.send({ id, type: 'subscribe', payload: { query, operationName, variables } });
    return stream;
  }

  async #read(): Promise<never> {
    for (;;) {
      const message = await this.socket.next();
      this.#streams.get(message.id ?? '')?.take(message);
    }
  }
}

/** Objects of the embedded Waldur, made and changed as if from outside. */
export interface Outside {
  /** @returns the uuid. */
  add(kind: Kind, row?: Record<string, unknown>): Promise<string>;
  change(kind: Kind, uuid: string, row: Record<string, unknown>): Promise<void>;
  drop(kind: Kind, uuid: string): Promise<void>;
}
export type Kind = 'snapshots' | 'volumes';

export interface LiveBench {
  readonly running: () => Running;
  readonly outside: Outside;
  /** A name that no other test uses, so that a filter on it is a scope of its own. */
  name(): string;
  /** A client on a socket of its own, closed after the test. `as`: a username of the recorded world. */
  client(as?: string): Promise<Client>;
  /** Resolves when so many more calls have reached the upstream. */
  polls(count?: number): Promise<void>;
  /** Resolves when nothing is polled any more: no call for several of the longest intervals. */
  silence(): Promise<void>;
}

/** A gateway with a quick engine for a test file. */
export function useLive(config: Partial<Config> = {}, { live, ...overrides }: Overrides = {}): LiveBench {
  const running = useGateway(config, { live: { ...FAST, ...live }, ...overrides });
  const open: Client[] = [];
  let made = 0;
  beforeEach(() => {
    made += 1;
  });
  afterEach(async () => {
    for (const { socket } of open) {
      socket.resume();
      socket.close();
    }
    await Promise.all(open.splice(0).map(({ socket }) => socket.closed));
  });
  const control = async (method: string, path: string, body?: object): Promise<JsonValue> => {
    const response = await fetch(`${running().simulator.url}/__sim/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const answer = (await response.json()) as JsonValue;
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer;
  };
  return {
    running,
    outside: {
      async add(kind, row = {}) {
        return String(at(await control('POST', kind, row), 'uuid'));
      },
      async change(kind, uuid, row) {
        await control('PATCH', `${kind}/${uuid}`, row);
      },
      async drop(kind, uuid) {
        await control('DELETE', `${kind}/${uuid}`);
      },
    },
    name: () => `of test ${made}`,
    async client(as = 'admin1') {
      const client = await Client.open(running().url, tokenOf(as));
      open.push(client);
      return client;
    },
    async silence() {
      let calls = running().calls();
      let since = performance.now();
      await vi.waitFor(
        () => {
          if (running().calls() !== calls) {
            calls = running().calls();
            since = performance.now();
          }
          expect(performance.now() - since).toBeGreaterThan(longestPause());
        },
        { timeout: 10_000, interval: 10 },
      );
    },
    async polls(count = 3) {
      const enough = running().calls() + count;
      await vi.waitFor(() => expect(running().calls()).toBeGreaterThanOrEqual(enough), {
        timeout: 10_000,
        interval: 5,
      });
    },
  };
}

const longestPause = (): number => 3 * (FAST.relistMs ?? 0);

/** What of an event the table of events speaks about. */
export const gist = ({ kind, uuid, state, previousState, snapshot, volume, cursor }: LiveEvent) => ({
  kind,
  uuid,
  state,
  previousState,
  object: at(snapshot ?? volume, 'uuid') ?? null,
  cursor: cursor === null ? null : 'set',
});
