import { ErrorReply, RESP_TYPES } from '@redis/client';
import { type RedisClient, RedisConnection } from '../cache/redis-connection.ts';
import { SCRIPTS, type Script } from './scripts.ts';

export interface RedisLinkEvents {
  readonly onFailed: (operation: string, error: unknown) => void;
  readonly onWorked: (operation: string) => void;
}

/** A connection on which a command is not answered for so long is replaced, in ms. */
const REPLY_MS = 1_000;
/** Redis is not used for so long after it refused a command, in ms. */
const PAUSE_MS = 2_000;
/** How often a message to itself shows that messages arrive, and after how many without one the connection is replaced. */
const PULSE_MS = 2_000;
const MOST_PULSES = 3;

type Listener = (message: Buffer) => void;

/** Two connections to Redis, for commands and for messages. While one of them fails, nothing is sent. */
export class RedisLink {
  readonly #now: () => number;
  readonly #events: RedisLinkEvents;
  readonly #commands: RedisConnection;
  readonly #messages: RedisConnection;
  readonly #pulseChannel: string;
  readonly #listeners = new Map<string, Listener>();
  readonly #onUp: () => void;
  #isLoaded = false;
  #isListening = false;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #pulse: NodeJS.Timeout | undefined;
  #unheardPulses = 0;
  #isClosed = false;

  /**
   * @param replica identifies this process.
   * @param now measures durations.
   * @param onUp called each time when both connections are open. Messages may have been missed before.
   */
  constructor(url: string, replica: string, now: () => number, events: RedisLinkEvents, onUp: () => void) {
    this.#now = now;
    this.#events = events;
    this.#onUp = onUp;
    this.#pulseChannel = `waldur-graph:2:replica:${replica}`;
    this.#listeners.set(this.#pulseChannel, () => {
      this.#unheardPulses = 0;
    });
    this.#commands = new RedisConnection(url, {
      onFailed: (error) => {
        this.#isLoaded = false;
        events.onFailed('live connection', error);
      },
      onReady: () => void this.#loadScripts(),
    });
    this.#messages = new RedisConnection(url, {
      onFailed: (error) => {
        this.#isListening = false;
        events.onFailed('live messages', error);
      },
      onReady: () => void this.#listenAgain(),
    });
    this.#pulse = setInterval(() => this.#sendPulse(), PULSE_MS).unref();
  }

  /** Whether commands can be sent and messages arrive, as far as is known. */
  get isUp(): boolean {
    return this.#isLoaded && this.#isListening && this.#now() >= this.#pausedUntil;
  }

  /**
   * Runs a script.
   * @param writes whether it writes data: only then does its success show that Redis can be written.
   * @throws when Redis cannot be used.
   */
  async run(
    script: Script,
    writes: boolean,
    keys: readonly string[],
    values: readonly (string | Buffer)[],
  ): Promise<unknown> {
    const reply = await this.#send((client) =>
      client.sendCommand(['EVALSHA', script.sha, String(keys.length), ...keys, ...values], {
        typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer },
      }),
    );
    if (writes) this.#events.onWorked('live state');
    return reply;
  }

  /** Sends a message. Nobody waits for it. */
  publish(channel: string, message: Buffer): void {
    this.#send((client) => client.sendCommand(['PUBLISH', channel, message])).catch(() => {});
  }

  /** Receives the messages of a channel from the time at which the result resolves. It has at most one listener. */
  async listen(channel: string, listener: Listener): Promise<void> {
    this.#listeners.set(channel, listener);
    const client = this.#messages.ready;
    if (client !== undefined) await withTimeout(this.#subscribe(client, [channel]));
  }

  deafen(channel: string): void {
    this.#listeners.delete(channel);
    this.#messages.ready?.unsubscribe(channel).catch(() => {});
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#pulse);
    this.#commands.close();
    this.#messages.close();
  }

  async #send<Reply>(command: (client: RedisClient) => Promise<Reply>): Promise<Reply> {
    const client = this.#commands.ready;
    if (client === undefined || !this.isUp) throw new Error('Redis cannot be used.');
    try {
      return await withTimeout(command(client));
    } catch (error) {
      if (error instanceof ErrorReply && error.message.startsWith('NOSCRIPT')) {
        // Somebody removed the scripts. A new connection loads them.
        this.#commands.replace(client, error);
      } else if (error instanceof ErrorReply) {
        this.#pausedUntil = this.#now() + PAUSE_MS;
        this.#events.onFailed('live state', error);
      } else if (error instanceof TimeoutError) {
        this.#commands.replace(client, error);
      }
      throw error;
    }
  }

  #subscribe(client: RedisClient, channels: string[]): Promise<void> {
    return client.subscribe(
      channels,
      (message: Buffer, channel: Buffer) => this.#listeners.get(channel.toString())?.(message),
      true,
    );
  }

  async #loadScripts(): Promise<void> {
    const client = this.#commands.ready;
    if (client === undefined) return;
    try {
      await withTimeout(Promise.all(SCRIPTS.map(({ text }) => client.sendCommand(['SCRIPT', 'LOAD', text]))));
    } catch (error) {
      this.#commands.replace(client, error);
      return;
    }
    this.#events.onWorked('live connection');
    this.#isLoaded = true;
    this.#opened();
  }

  async #listenAgain(): Promise<void> {
    const client = this.#messages.ready;
    if (client === undefined) return;
    try {
      await withTimeout(this.#subscribe(client, [...this.#listeners.keys()]));
    } catch (error) {
      this.#messages.replace(client, error);
      return;
    }
    this.#events.onWorked('live messages');
    this.#isListening = true;
    this.#unheardPulses = 0;
    this.#opened();
  }

  #opened(): void {
    if (this.isUp && !this.#isClosed) this.#onUp();
  }

  /** A connection that was cut without notice receives nothing and reports nothing. */
  #sendPulse(): void {
    const client = this.#messages.ready;
    if (!this.isUp || client === undefined) return;
    this.#unheardPulses += 1;
    if (this.#unheardPulses > MOST_PULSES) this.#messages.replace(client, new Error('No messages arrive.'));
    else this.publish(this.#pulseChannel, Buffer.from('pulse'));
  }
}

class TimeoutError extends Error {}

/** @throws TimeoutError when the reply is late. */
async function withTimeout<Reply>(reply: Promise<Reply>): Promise<Reply> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // The event loop may have been busy: a reply that has arrived meanwhile is read before this callback runs.
      setImmediate(() => reject(new TimeoutError(`Redis did not respond within ${REPLY_MS} ms.`)));
    }, REPLY_MS);
  });
  reply.catch(() => {});
  try {
    return await Promise.race([reply, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
