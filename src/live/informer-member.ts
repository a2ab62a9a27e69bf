import type { Broadcaster } from './broadcaster.ts';
import type { Position } from './cursor.ts';
import type { DeltaLog, LogEntry } from './delta-log.ts';
import type { FieldUnion } from './field-union.ts';
import type { Member } from './member.ts';
import { Membership } from './membership.ts';
import type { PollerTools } from './poll-client.ts';
import type { InformerIdentity } from './poll-target.ts';
import type { Poller } from './poller.ts';
import type { Cluster, LiveStatus, LogListener, SharedContent, SharedSnapshot } from './shared-log.ts';
import type { Store } from './store.ts';
import type { HeldRow } from './types.ts';

/** What a member needs of its informer beside the parts of it. */
export interface MemberHost {
  readonly identity: InformerIdentity;
  readonly store: Store;
  readonly fieldUnion: FieldUnion;
  /** The whole scope has been read once, here or by the leader. */
  readonly isKnown: boolean;
  /** Version of the field union that all rows have; 0 when they are not complete. */
  readonly readyFor: number;
  status(): LiveStatus;
  /** The leader knows this. */
  follow(status: LiveStatus): void;
  /** Events follow that kept answers may contradict. */
  reportNews(): void;
  /** The rows are those of the leader. @param restart whether subscribers start again with RESET. */
  replaced(version: number, restart: boolean): void;
  /** A follower waits for a relist. */
  waitForRelist(waiter: number): void;
  /** The scope has been read since this logical time. */
  relisted(since: number): void;
  /** Fields were added that rows lack. */
  grown(): void;
  /** The log is written here from now on. */
  becameLeader(): void;
}

export interface MemberParts {
  readonly log: DeltaLog;
  readonly broadcaster: Broadcaster;
  readonly poller: Poller;
}

type Tools = Pick<PollerTools, 'clock' | 'random' | 'tuning' | 'logicalNow'>;

/** @returns null when nothing can be shared for the caller of the informer. */
export function openMembership(
  host: MemberHost,
  parts: MemberParts,
  cluster: Cluster,
  listener: LogListener,
  tools: Tools,
): Membership | null {
  const { callerKey, kind, scope } = host.identity;
  const log = cluster.open(callerKey, `${kind} ${scope.key}`, listener);
  const member = new InformerMember(host, parts, tools);
  return log && new Membership(member, log, { ...tools, isUp: () => cluster.isUp });
}

/** An informer as a member of the replicas that share it: moves its log, objects and fields to where those of the leader are. */
class InformerMember implements Member {
  readonly #host: MemberHost;
  readonly #parts: MemberParts;
  readonly #tools: Tools;

  constructor(host: MemberHost, parts: MemberParts, tools: Tools) {
    this.#host = host;
    this.#parts = parts;
    this.#tools = tools;
  }

  get position(): Position {
    return this.#parts.log.position;
  }

  get isKnown(): boolean {
    return this.#host.isKnown;
  }

  get keepFrom(): number {
    return this.#parts.log.lost + 1;
  }

  get isIncomplete(): boolean {
    return this.#host.fieldUnion.isIncomplete;
  }

  get selected(): readonly string[] {
    return this.#host.fieldUnion.selected;
  }

  holds(position: Position): boolean {
    return this.#parts.log.holds(position);
  }

  entriesAfter(sequence: number): readonly LogEntry[] {
    return this.#parts.log.entriesAfter(sequence);
  }

  snapshot(): SharedSnapshot | null {
    const { isKnown, readyFor, store, fieldUnion } = this.#host;
    if (!isKnown || readyFor === 0) return null;
    const { log } = this.#parts;
    return { sequence: log.sequence, ranges: [...log.ranges], fields: fieldUnion.table(readyFor), rows: store.rows() };
  }

  status(): LiveStatus {
    return this.#host.status();
  }

  follow(status: LiveStatus): void {
    this.#host.follow(status);
  }

  beginEpoch(epoch: string): void {
    this.#parts.log.begin(epoch);
  }

  becameLeader(): void {
    this.#host.becameLeader();
    this.#host.fieldUnion.requestMissing(() => this.#parts.broadcaster.separate());
  }

  poll(): void {
    this.#parts.poller.start();
  }

  rest(): void {
    this.#parts.poller.stop();
  }

  relay(entry: LogEntry): void {
    const { broadcaster, poller } = this.#parts;
    const { clock, logicalNow } = this.#tools;
    const { delta } = entry;
    if (delta !== null) {
      this.#host.store.apply(delta, logicalNow(), this.#host.readyFor);
      // A quiet change is none of state.
      if (delta.before?.state !== delta.after?.state) poller.schedule.heat.changed(delta, clock.now());
      this.#host.reportNews();
    }
    broadcaster.relay(entry);
  }

  refresh(snapshot: SharedSnapshot, rows: readonly HeldRow[]): void {
    const { clock, logicalNow } = this.#tools;
    const { version, interrupted } = this.#host.fieldUnion.adopt(snapshot.fields, clock.now());
    this.#host.store.load(rows, logicalNow(), version);
    this.#host.replaced(version, interrupted);
  }

  replace({ entries, snapshot }: SharedContent & { snapshot: SharedSnapshot }, rows: readonly HeldRow[]): void {
    const { log, poller } = this.#parts;
    const { clock, logicalNow } = this.#tools;
    const now = clock.now();
    const { version } = this.#host.fieldUnion.adopt(snapshot.fields, now);
    log.replace({ ranges: snapshot.ranges, entries, sequence: snapshot.sequence }, now);
    this.#host.store.load(rows, logicalNow(), version);
    for (const row of rows) poller.schedule.heat.changed({ uuid: row.uuid, after: row }, now);
    this.#host.replaced(version, true);
  }

  waitForRelist(id: number): void {
    this.#host.waitForRelist(id);
  }

  relisted(since: number): void {
    this.#host.relisted(since);
  }

  request(fields: readonly string[]): void {
    const { fieldUnion } = this.#host;
    const wanted = new Set(fields);
    const before = fieldUnion.version;
    fieldUnion.select(wanted, () => this.#parts.broadcaster.separate());
    // It is kept for as long as a departed subscriber could resume; followers repeat what they need.
    fieldUnion.release(wanted, this.#tools.clock.now());
    if (fieldUnion.version > before) this.#host.grown();
  }
}
