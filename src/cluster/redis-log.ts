import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Seal } from '../auth/seal.ts';
import type { LogEntry } from '../live/delta-log.ts';
import type { Beat, LogListener, LogMessage, SharedContent, SharedLog, SharedSnapshot } from '../live/shared-log.ts';
import { Channel } from './channel.ts';
import { decodeEntry, encodeEntry } from './codec.ts';
import type { RedisLink } from './redis-link.ts';
import { APPEND, LEAD, LOAD, RELEASE, SAVE } from './scripts.ts';

/** What the logs of one replica share. */
export interface LogTools {
  readonly link: RedisLink;
  /** Identifies this process. All have the same length. */
  readonly replica: string;
  readonly leaseMs: number;
  /** How long the state of an informer is kept after its last renewal. */
  readonly keepMs: number;
  /** Renews a lease, together with others. @returns whether it is still held. */
  beat(renewal: Renewal): Promise<boolean>;
}

export interface Renewal {
  readonly name: string;
  readonly holder: string;
  readonly message: Buffer;
  /** Whether the state is renewed, too. */
  readonly state: boolean;
}

/** The state is renewed with the first of so many beats. */
const STATE_BEATS = 30;
/** Fast: a snapshot of 5,000 objects (1.5 MB) blocks the process for 30 ms, and is a fifth of that in Redis. */
const COMPRESSION = { level: 1 };

/** Messages as they are written: entries as text. */
type WrittenMessage =
  | Exclude<LogMessage, { kind: 'entries' }>
  | { readonly kind: 'entries'; readonly lease: number; readonly entries: readonly string[] };

/**
 * The log of one informer in Redis. Everything in it is sealed for the caller, and bound to its place: entries to their sequence, messages to their
 * channel and sender. What cannot be opened is treated as absent.
 */
export class RedisLog implements SharedLog {
  readonly #name: string;
  readonly #channel: Channel;
  readonly #seal: Seal;
  readonly #tools: LogTools;
  readonly #listener: LogListener;
  readonly #onClosed: (log: RedisLog) => void;
  readonly #listening: Promise<void>;

  /** @param name of the keys in Redis. */
  constructor(name: string, seal: Seal, tools: LogTools, listener: LogListener, onClosed: (log: RedisLog) => void) {
    this.#name = name;
    this.#channel = new Channel(`${name}:news`, seal, tools.replica);
    this.#onClosed = onClosed;
    this.#seal = seal;
    this.#tools = tools;
    this.#listener = listener;
    this.#listening = tools.link.listen(this.#channel.name, (message) => this.#heard(message));
    // It is reported where it is waited for.
    this.#listening.catch(() => {});
  }

  connected(): void {
    this.#listener.connected();
  }

  async lead(): Promise<number | null> {
    const { replica, leaseMs, keepMs } = this.#tools;
    // Otherwise a message between the load and the subscription would be missed.
    await this.#listening;
    const epoch = Number(await this.#run(LEAD, true, [replica, String(leaseMs), String(keepMs)]));
    return epoch === 0 ? null : epoch;
  }

  async load(): Promise<SharedContent> {
    const [snapshot, entries] = (await this.#run(LOAD, false, [])) as [Buffer | null, [Buffer, [Buffer, Buffer]][]];
    const opened = this.#openEntries(entries);
    // Others wrote to the log: no entry of ours could follow, so it counts as absent and is begun anew.
    if (entries.length > 0 && opened.length === 0) return { snapshot: null, entries: [] };
    return { snapshot: this.#openSnapshot(snapshot), entries: opened };
  }

  async append(lease: number, entries: readonly LogEntry[], keepFrom: number): Promise<boolean> {
    const texts = entries.map(encodeEntry);
    const message = this.#message({ kind: 'entries', lease, entries: texts });
    const sealed = entries.flatMap(({ sequence }, at) => [
      String(sequence),
      this.#seal.seal(this.#placeOf(sequence), texts[at] ?? ''),
    ]);
    const values = [this.#holder(lease), String(keepFrom), String(this.#tools.keepMs), message, ...sealed];
    return (await this.#run(APPEND, true, values)) === 1;
  }

  async save(lease: number, snapshot: SharedSnapshot, anew: boolean): Promise<boolean> {
    const text = deflateRawSync(JSON.stringify(snapshot), COMPRESSION);
    const sealed = this.#seal.seal(`${this.#name}:snapshot`, text);
    const message = this.#message({ kind: 'snapshot', fields: snapshot.fields });
    const values = [this.#holder(lease), String(this.#tools.keepMs), sealed, message, anew ? '1' : '0'];
    return (await this.#run(SAVE, true, values)) === 1;
  }

  beat(beat: Beat): Promise<boolean> {
    return this.#tools.beat({
      name: this.#name,
      holder: this.#holder(beat.lease),
      message: this.#message({ kind: 'beat', beat }),
      state: beat.count % STATE_BEATS === 1,
    });
  }

  send(message: Exclude<LogMessage, { kind: 'entries' }>): void {
    this.#tools.link.publish(this.#channel.name, this.#message(message));
  }

  async release(lease: number): Promise<void> {
    try {
      await this.#run(RELEASE, false, [this.#holder(lease), this.#message({ kind: 'released' })]);
    } catch {
      // It expires.
    }
  }

  close(): void {
    this.#tools.link.deafen(this.#channel.name);
    this.#onClosed(this);
  }

  #run(script: Parameters<RedisLink['run']>[0], writes: boolean, values: (string | Buffer)[]): Promise<unknown> {
    return this.#tools.link.run(script, writes, [this.#name], values);
  }

  #holder(lease: number): string {
    return `${lease} ${this.#tools.replica}`;
  }

  #placeOf(sequence: number): string {
    return `${this.#name}:log ${sequence}`;
  }

  /** Contiguous entries up to the newest; the part before one that cannot be opened is dropped. */
  #openEntries(stored: readonly [id: Buffer, fields: readonly [Buffer, Buffer]][]): LogEntry[] {
    let entries: LogEntry[] = [];
    for (const [id, [, sealed]] of stored) {
      const sequence = Number.parseInt(id.toString(), 10);
      const text = this.#seal.open(this.#placeOf(sequence), sealed)?.toString();
      if (text === undefined || sequence !== (entries.at(-1)?.sequence ?? sequence - 1) + 1) entries = [];
      if (text !== undefined) entries.push(decodeEntry(text));
    }
    return entries;
  }

  #openSnapshot(sealed: Buffer | null): SharedSnapshot | null {
    const text = sealed && this.#seal.open(`${this.#name}:snapshot`, sealed);
    return text && (JSON.parse(inflateRawSync(text).toString()) as SharedSnapshot);
  }

  #message(message: WrittenMessage): Buffer {
    return this.#channel.wrap(message);
  }

  #heard(message: Buffer): void {
    const written = this.#channel.unwrap(message) as WrittenMessage | undefined;
    if (written === undefined) return;
    this.#listener.heard(
      written.kind === 'entries' ? { ...written, entries: written.entries.map(decodeEntry) } : written,
    );
  }
}
