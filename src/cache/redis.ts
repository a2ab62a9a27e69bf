import { randomUUID } from 'node:crypto';
import { ErrorReply, RESP_TYPES } from '@redis/client';
import type { Seal, Seals } from '../auth/seal.ts';
import { type RedisClient, RedisConnection } from './redis-connection.ts';
import type { SharedContent, SharedStore, StoredEntry } from './store.ts';

/** What a failure prevents. An operation of the same kind that succeeds shows that it is over. */
export type RedisOperation = 'connect' | 'read' | 'write';

/**
 * Why an operation did without Redis. `disconnected`: there is no connection. `timeout`: no response in time. `refused`: Redis replied
 * with an error. `paused`: soon after such a failure. `entry`: only this entry could not be written or read.
 */
export type RedisFailure = 'disconnected' | 'timeout' | 'refused' | 'paused' | 'entry';

export interface RedisEvents {
  /** Called for each operation that did without Redis. */
  readonly onSkip: (operation: RedisOperation, failure: RedisFailure) => void;
  readonly onFailed: (operation: RedisOperation, error: unknown) => void;
  readonly onWorked: (operation: RedisOperation) => void;
}

/** How long an operation may wait for Redis, and how long Redis is not used for that kind of operation after a failure, in ms. */
const TIMEOUT_MS = 40;
const PAUSE_MS = 1_000;
/** A connection on which nothing was answered for so long has failed and is replaced, in ms. Otherwise unanswered commands would accumulate. */
const STALL_MS = 2_000;
/** How long a generation is used at most. Afterwards the caller starts again without cached entries. */
const GENERATION_MS = 10 * 60_000;

const PREFIX = 'waldur-graph:2:';

class TimeoutError extends Error {}

/**
 * A store in Redis, which replicas share. While Redis fails, the gateway works without it.
 *
 * Redis alone decides when an entry expires: the clocks of the processes may differ. Generations are random and never used again, so
 * entries stay invalid even when Redis loses their generation. Entries are sealed for their caller and bound to their key; what cannot be opened
 * is treated as absent.
 */
export class RedisStore implements SharedStore {
  readonly shared = true;
  readonly #events: RedisEvents;
  readonly #seals: Seals;
  readonly #connection: RedisConnection;
  readonly #now: () => number;
  readonly #pausedUntil = { read: Number.NEGATIVE_INFINITY, write: Number.NEGATIVE_INFINITY };
  /** When the first of the commands timed out that were not followed by a response. */
  #stalledSince: number | undefined;

  /** @param now measures durations. */
  constructor(url: string, now: () => number, seals: Seals, events: RedisEvents) {
    this.#events = events;
    this.#now = now;
    this.#seals = seals;
    this.#connection = new RedisConnection(url, {
      onFailed: (error) => events.onFailed('connect', error),
      onReady: () => {
        this.#stalledSince = undefined;
        events.onWorked('connect');
      },
    });
  }

  async read(callerKey: string, key: string): Promise<SharedContent | undefined> {
    const seal = this.#sealOf('read', callerKey);
    if (seal === undefined) return undefined;
    const names = [nameOf(seal, 'answer', key), nameOf(seal, 'generation')] as const;
    const content = await this.#run('read', (client) =>
      // The remaining life is read first. If the entry is replaced in between, it seems older than it is, which is safe.
      Promise.all([client.pTTL(names[0]), readAll(client, names)]),
    );
    if (content === undefined) return undefined;
    const [lifeLeft, [stored, storedGeneration]] = content;
    const generation = this.#decode(seal, names[1], storedGeneration)?.generation;
    if (generation === undefined) {
      const started = await this.#createGeneration(seal);
      return started === undefined ? undefined : { entry: undefined, lifeLeft, generation: started };
    }
    return { entry: this.#decode(seal, names[0], stored), lifeLeft, generation };
  }

  write(callerKey: string, key: string, entry: StoredEntry, lifeMs: number): void {
    const seal = this.#sealOf('write', callerKey);
    if (seal === undefined) return;
    const name = nameOf(seal, 'answer', key);
    const encoded = this.#encode(seal, name, entry);
    if (encoded === undefined) return;
    void this.#run('write', (client) => client.set(name, encoded, expiresIn(lifeMs)));
  }

  async startGeneration(callerKey: string): Promise<boolean> {
    const seal = this.#sealOf('write', callerKey);
    if (seal === undefined) return false;
    const generation = randomUUID();
    if (this.#now() >= this.#pausedUntil.write) return (await this.#setGeneration(seal, generation)) !== undefined;
    // Other replicas may be using Redis again, so it is still told, but nobody waits for it.
    const name = nameOf(seal, 'generation');
    this.#connection.ready?.set(name, encode(seal, name, generation), expiresIn(GENERATION_MS)).catch(() => {});
    this.#events.onSkip('write', 'paused');
    return false;
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  /** Creates a generation, or returns that of a process that was faster. */
  async #createGeneration(seal: Seal): Promise<string | undefined> {
    const generation = randomUUID();
    const name = nameOf(seal, 'generation');
    const created = await this.#run('write', (client) =>
      Promise.all([
        client.set(name, encode(seal, name, generation), { ...expiresIn(GENERATION_MS), condition: 'NX' }),
        readAll(client, [name]),
      ]),
    );
    if (created === undefined) return undefined;
    const current = this.#decode(seal, name, created[1][0])?.generation;
    // The key holds something else: it is replaced.
    return current ?? (await this.#setGeneration(seal, generation));
  }

  async #setGeneration(seal: Seal, generation: string): Promise<string | undefined> {
    const name = nameOf(seal, 'generation');
    const encoded = encode(seal, name, generation);
    const reply = await this.#run('write', (client) => client.set(name, encoded, expiresIn(GENERATION_MS)));
    return reply === undefined ? undefined : generation;
  }

  #encode(seal: Seal, name: string, { generation, value }: StoredEntry): Buffer | undefined {
    try {
      return encode(seal, name, generation, value);
    } catch {
      this.#events.onSkip('write', 'entry');
      return undefined;
    }
  }

  #decode(seal: Seal, name: string, stored: Buffer | null | undefined): StoredEntry | undefined {
    if (stored === null || stored === undefined) return undefined;
    const json = seal.open(name, stored);
    if (json === null) this.#events.onSkip('read', 'entry');
    return json === null ? undefined : (JSON.parse(json.toString()) as StoredEntry);
  }

  #sealOf(operation: 'read' | 'write', callerKey: string): Seal | undefined {
    const seal = this.#seals.of(callerKey);
    if (seal === undefined) this.#events.onSkip(operation, 'entry');
    return seal;
  }

  /** Runs commands within the time limit. @returns undefined when they failed. Never throws. */
  async #run<Reply>(
    operation: 'read' | 'write',
    send: (client: RedisClient) => Promise<Reply>,
  ): Promise<Reply | undefined> {
    if (this.#now() < this.#pausedUntil[operation]) {
      this.#events.onSkip(operation, 'paused');
      return undefined;
    }
    const client = this.#connection.ready;
    if (client === undefined) {
      this.#events.onSkip(operation, 'disconnected');
      return undefined;
    }
    try {
      const reply = await withTimeout(send(client));
      this.#stalledSince = undefined;
      this.#events.onWorked(operation);
      return reply;
    } catch (error) {
      this.#failed(operation, client, error);
      return undefined;
    }
  }

  #failed(operation: 'read' | 'write', client: RedisClient, error: unknown): void {
    const failure = failureOf(error);
    this.#events.onSkip(operation, failure);
    // The connection reports its loss itself.
    if (failure === 'disconnected') return;
    const now = this.#now();
    if (failure === 'refused') {
      this.#stalledSince = undefined;
      this.#pausedUntil[operation] = now + PAUSE_MS;
      this.#events.onFailed(operation, error);
      return;
    }
    // Reads and writes share the connection.
    this.#pausedUntil.read = this.#pausedUntil.write = now + PAUSE_MS;
    this.#stalledSince ??= now;
    // Late replies alone are no outage: this process or Redis may have been busy for a moment.
    if (now - this.#stalledSince < STALL_MS) return;
    this.#events.onFailed(operation, error);
    this.#connection.replace(client, error);
  }
}

function failureOf(error: unknown): RedisFailure {
  if (error instanceof TimeoutError) return 'timeout';
  return error instanceof ErrorReply ? 'refused' : 'disconnected';
}

/** The name of a key; it contains nothing that a client wrote. */
const nameOf = (seal: Seal, ...parts: readonly string[]): string => PREFIX + seal.name(...parts);

/** Values of Waldur are JSON, so a key such as `toJSON` is data: `JSON.stringify` calls only functions. @throws for a value that is not JSON. */
const encode = (seal: Seal, name: string, generation: string, value: unknown = null): Buffer =>
  seal.seal(name, JSON.stringify({ generation, value }));

const readAll = (client: RedisClient, names: readonly string[]): Promise<(Buffer | null)[]> =>
  client.sendCommand(['MGET', ...names], { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } });

const expiresIn = (ms: number) => ({ expiration: { type: 'PX', value: ms } }) as const;

/** @throws TimeoutError when the reply is late. */
async function withTimeout<Reply>(reply: Promise<Reply>): Promise<Reply> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // The event loop may have been busy: a reply that has arrived meanwhile is read before this callback runs.
      setImmediate(() => reject(new TimeoutError(`No response within ${TIMEOUT_MS} ms.`)));
    }, TIMEOUT_MS);
  });
  // The loser of the race is rejected later, when nobody handles it.
  reply.catch(() => {});
  try {
    return await Promise.race([reply, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
