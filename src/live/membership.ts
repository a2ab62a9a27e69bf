import type { LogEntry } from './delta-log.ts';
import { covers, epochName, type Member, type MembershipTools, namesOf, type Role } from './member.ts';
import {
  type Beat,
  entriesAfter,
  headOf,
  type LogMessage,
  presentRows,
  type SharedContent,
  type SharedLog,
  type SharedSnapshot,
} from './shared-log.ts';
import type { Cancel } from './types.ts';

/**
 * The part of one replica in the shared informer of a caller and scope: it leads, which means that it polls and writes the log; it follows,
 * which means that it applies the log; or it is alone, because the shared store cannot be used.
 *
 * Its own log is compared with the shared one like the cursor of a client: when the shared log continues its own, it applies the rest;
 * when its own continues the shared one, it adds the rest as leader; otherwise the state of the leader replaces its own. Nothing here is
 * needed for correctness: a replica that hears nothing polls for itself.
 */
export class Membership {
  readonly #member: Member;
  readonly #log: SharedLog;
  readonly #tools: MembershipTools;
  #isStopped = true;
  #role: Role = 'joining';
  #lease: number | null = null;
  /** Grows with each attempt, so that the results of earlier ones are ignored. */
  #attempt = 0;
  #cancelTimer: Cancel | null = null;
  #cancelPoll: Cancel | null = null;
  #heardAt = 0;
  #silent = 0;
  #beats = 0;
  #lastBeat: Beat | null = null;
  /** Messages may have been missed since the last load. */
  #isDoubtful = false;
  /** A follower has the state of the leader. */
  #isSynced = false;
  /** A leader has to write the whole log, because the shared one does not continue in its own. */
  #needsLog = false;
  /** Of the last snapshot that was saved or loaded. */
  #saved: { sequence: number; fields: string } | null = null;
  #waiting: LogEntry[] = [];
  /** What the leader was last asked to relist for, and the logical time at that moment. */
  #relist: { readonly id: number; readonly since: number } | null = null;
  #takeovers = 0;

  constructor(member: Member, log: SharedLog, tools: MembershipTools) {
    this.#member = member;
    this.#log = log;
    this.#tools = tools;
  }

  get role(): Role {
    return this.#role;
  }

  get isFollowing(): boolean {
    return this.#role === 'following' && this.#isSynced;
  }

  /** How often it became the leader. */
  get takeovers(): number {
    return this.#takeovers;
  }

  /** Time since a follower last heard from its leader, in ms. */
  get silentMs(): number {
    return this.#role === 'following' ? this.#tools.clock.now() - this.#heardAt : 0;
  }

  start(): void {
    this.#isStopped = false;
    this.#heardAt = this.#tools.clock.now();
    if (this.#tools.isUp()) this.#join();
    else this.#standAlone();
  }

  /** Gives up the lease. Resolves when others know. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    this.#cancelPoll?.();
    this.#flush();
    // The reply to the flush must not make it join again.
    this.#attempt += 1;
    const lease = this.#lease;
    this.#lease = null;
    this.#role = 'joining';
    if (lease !== null) await this.#log.release(lease);
    this.#log.close();
  }

  /** An entry was added to the member's own log. */
  added(entry: LogEntry): void {
    if (this.#role !== 'leading' || this.#needsLog) return;
    this.#waiting.push(entry);
    // All entries of one response are one call.
    if (this.#waiting.length === 1) queueMicrotask(() => this.#flush());
  }

  /** The whole scope has been read. */
  synced(): void {
    if (this.#role !== 'leading') return;
    const snapshot = this.#member.snapshot();
    if (snapshot === null) return;
    const { fields, sequence } = this.#saved ?? { fields: '', sequence: Number.NEGATIVE_INFINITY };
    const isDue =
      this.#needsLog ||
      fields !== namesOf(snapshot) ||
      snapshot.sequence - sequence >= this.#tools.tuning.snapshotEntries;
    if (isDue) this.#save(snapshot);
  }

  /** The scope is to be read by whoever polls. @param since logical time of the request. */
  requestRelist(since: number): void {
    this.#relist = { id: Math.floor(this.#tools.random() * 2 ** 48), since };
    this.#sendRelist();
  }

  /** The scope has been read since the requests of these followers. */
  relisted(ids: readonly number[]): void {
    if (this.#role === 'leading' && ids.length > 0) this.#log.send({ kind: 'relisted', ids });
  }

  /** Its status has changed. */
  changed(): void {
    if (this.#role === 'leading') this.#beat();
  }

  /** Subscribers may select other fields. */
  selected(): void {
    if (this.#role === 'following' && this.#member.isIncomplete) this.#want();
  }

  heard(message: LogMessage): void {
    if (this.#isStopped) return;
    switch (message.kind) {
      case 'entries':
        // Messages of an earlier lease may have been repeated by others.
        if (this.isFollowing && message.lease >= (this.#lastBeat?.lease ?? 0)) this.#apply(message.entries);
        break;
      case 'beat':
        this.#heardBeat(message.beat);
        break;
      case 'snapshot':
        if (this.#role === 'following' && (!this.#isSynced || this.#saved?.fields !== namesOf(message))) this.#join();
        break;
      case 'released':
        if (this.#role === 'following') this.#join();
        break;
      case 'wanted':
        if (this.#role !== 'leading') break;
        this.#member.request(message.fields);
        this.#needsLog ||= message.isLost;
        if (message.isLost) this.synced();
        break;
      case 'relist':
        if (this.#role === 'leading') this.#member.waitForRelist(message.id);
        break;
      case 'relisted':
        if (this.isFollowing && this.#relist !== null && message.ids.includes(this.#relist.id)) {
          const { since } = this.#relist;
          this.#relist = null;
          this.#member.relisted(since);
        }
    }
  }

  #want(isLost = false): void {
    this.#log.send({ kind: 'wanted', fields: this.#member.selected, isLost });
  }

  #sendRelist(): void {
    if (this.#role === 'following' && this.#relist !== null) this.#log.send({ kind: 'relist', id: this.#relist.id });
  }

  /** Messages may have been missed. */
  connected(): void {
    if (this.#role === 'leading' || this.#isStopped) return;
    this.#isDoubtful = true;
    if (this.#role !== 'following') this.#later(this.#tools.random() * this.#tools.tuning.beatMs, () => this.#join());
  }

  #heardBeat(beat: Beat): void {
    if (this.#role !== 'following') return;
    const last = this.#lastBeat;
    if (last !== null && (beat.lease < last.lease || (beat.lease === last.lease && beat.count <= last.count))) return;
    const isNewLeader = last?.lease !== beat.lease;
    this.#lastBeat = beat;
    this.#heardAt = this.#tools.clock.now();
    this.#silent = 0;
    this.#beats += 1;
    this.#expectBeat();
    if (isNewLeader || this.#beats % this.#tools.tuning.wantedBeats === 0) this.#want();
    this.#sendRelist();
    // Another leader may request other fields, and a message may have been lost.
    const isBehind = !this.#isSynced || this.#member.isIncomplete || !this.#member.holds(beat.position);
    if (isBehind || this.#isDoubtful || (isNewLeader && last !== null)) this.#join();
    this.#member.follow(beat);
  }

  #apply(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      const { sequence, epoch } = this.#member.position;
      const isNext = entry.sequence === sequence + 1 && entry.previous === epoch;
      if (isNext) this.#member.relay(entry);
      // Something is missing before it, or it continues another log.
      else if (!this.#member.holds(entry)) {
        this.#join();
        return;
      }
    }
  }

  /** Finds out who leads, and takes over when nobody does. */
  #join(): void {
    this.#attempt += 1;
    if (this.#role === 'leading') this.#role = 'joining';
    this.#lease = null;
    this.#waiting = [];
    void this.#attemptJoin(this.#attempt);
  }

  async #attemptJoin(attempt: number): Promise<void> {
    this.#later(this.#tools.tuning.leaseMs, () => this.#standAlone());
    try {
      const lease = await this.#log.lead();
      const content = attempt === this.#attempt ? await this.#log.load() : null;
      if (content === null || attempt !== this.#attempt) {
        if (lease !== null && this.#isStopped) await this.#log.release(lease);
        return;
      }
      if (lease === null) this.#follow(content);
      else this.#lead(lease, content);
    } catch {
      if (attempt === this.#attempt) this.#standAlone();
    }
  }

  #follow(content: SharedContent): void {
    this.#role = 'following';
    this.#isDoubtful = false;
    this.#lease = null;
    this.#waiting = [];
    this.#cancelPoll?.();
    // Somebody may have put back an older state.
    const isOld = this.#lastBeat !== null && entriesAfter(content, this.#lastBeat.position) === null;
    const rows = isOld ? null : presentRows(content);
    const { snapshot } = content;
    if (snapshot !== null && rows !== null) {
      const rest = entriesAfter(content, this.#member.position);
      this.#isSynced = true;
      this.#member.rest();
      if (rest === null || !this.#member.isKnown) {
        this.#member.replace({ ...content, snapshot }, rows);
      } else {
        for (const entry of rest) this.#member.relay(entry);
        this.#member.refresh(snapshot, rows);
      }
      this.#saved = { sequence: snapshot.sequence, fields: namesOf(snapshot) };
    } else {
      // The leader has not read the scope yet. Whoever has polled so far continues until then.
      this.#isSynced = false;
    }
    if (!this.#isSynced || this.#member.isIncomplete) this.#want(!this.#isSynced);
    this.#expectBeat();
  }

  #lead(lease: number, content: SharedContent): void {
    const { position, isKnown } = this.#member;
    const rows = presentRows(content);
    const { snapshot } = content;
    const rest = entriesAfter(content, position);
    const head = headOf(content);
    this.#isSynced = false;
    this.#cancelPoll?.();
    this.#waiting = [];
    this.#needsLog = false;
    this.#saved = snapshot && { sequence: snapshot.sequence, fields: namesOf(snapshot) };
    let added: readonly LogEntry[] = [];
    if (rest !== null && isKnown) {
      for (const entry of rest) this.#member.relay(entry);
    } else if (snapshot !== null && rows !== null && !isKnown) {
      this.#member.replace({ ...content, snapshot }, rows);
    } else if (head !== null && this.#member.holds(head) && covers(this.#member.snapshot(), snapshot)) {
      added = this.#member.entriesAfter(head.sequence);
    } else {
      this.#needsLog = true;
    }
    if (this.#role !== 'leading') this.#takeovers += 1;
    this.#role = 'leading';
    this.#lease = lease;
    this.#beats = 0;
    this.#member.beginEpoch(epochName(lease, this.#tools.random));
    this.#waiting = [...added];
    if (this.#needsLog) this.synced();
    this.#member.becameLeader();
    this.#member.poll();
    this.#flush();
    this.#beat();
  }

  /** Writes a snapshot; with it the whole log if the shared one does not continue in its own. */
  #save(snapshot: SharedSnapshot): void {
    const lease = this.#lease;
    if (lease === null) return;
    const anew = this.#needsLog;
    this.#flush();
    this.#needsLog = false;
    this.#saved = { sequence: snapshot.sequence, fields: namesOf(snapshot) };
    this.#checked(this.#log.save(lease, snapshot, anew));
    if (!anew) return;
    const entries = this.#member.entriesAfter(this.#member.keepFrom - 1);
    if (entries.length > 0) this.#checked(this.#log.append(lease, entries, this.#member.keepFrom));
  }

  #flush(): void {
    const entries = this.#waiting;
    const lease = this.#lease;
    this.#waiting = [];
    if (entries.length === 0 || lease === null) return;
    // Entries after the last snapshot are kept whatever their age: without them it would be worthless.
    const keepFrom = Math.min(this.#member.keepFrom, (this.#saved?.sequence ?? 0) + 1);
    this.#checked(this.#log.append(lease, entries, keepFrom));
  }

  #beat(): void {
    const lease = this.#lease;
    if (lease === null) return;
    this.#flush();
    this.#beats += 1;
    const position = this.#member.position;
    this.#checked(this.#log.beat({ lease, count: this.#beats, position, ...this.#member.status() }));
    this.#later(this.#tools.tuning.beatMs, () => this.#beat());
  }

  /** A lost lease means that another replica leads; a failure, that the shared store cannot be used. */
  #checked(result: Promise<boolean>): void {
    const attempt = this.#attempt;
    result.then(
      (isOurs) => {
        if (!isOurs && attempt === this.#attempt) this.#join();
      },
      () => {
        if (attempt === this.#attempt) this.#standAlone();
      },
    );
  }

  /** Polls for itself, and tries to join again. */
  #standAlone(): void {
    const { clock, random, tuning, isUp } = this.#tools;
    const before = this.#role;
    this.#attempt += 1;
    this.#role = 'alone';
    this.#lease = null;
    this.#isSynced = false;
    this.#waiting = [];
    if (before !== 'alone') {
      this.#member.beginEpoch(epochName(clock.wallNow(), random));
      this.#member.becameLeader();
      this.#cancelPoll?.();
      // All followers of all informers notice at the same time.
      const wait = before === 'following' ? random() * tuning.resumeMs : 0;
      if (wait === 0) this.#member.poll();
      else this.#cancelPoll = clock.setTimer(wait, () => this.#member.poll());
    }
    const retry = (): void => {
      if (isUp()) this.#join();
      else this.#later(tuning.beatMs, retry);
    };
    this.#later(tuning.beatMs * (0.5 + random()), retry);
  }

  /** Looks for another leader when nothing is heard for as long as a lease lasts. */
  #expectBeat(): void {
    const { clock, random, tuning } = this.#tools;
    const due = this.#heardAt + tuning.leaseMs + random() * (tuning.beatMs / 4);
    const least = this.#silent === 0 ? 0 : tuning.beatMs / 2;
    this.#later(Math.max(due - clock.now(), least), () => {
      this.#silent += 1;
      if (this.#silent > tuning.silentLooks) {
        this.#silent = 0;
        this.#standAlone();
      } else {
        this.#join();
      }
    });
  }

  /** There is one timer: what happens next if nothing else does. */
  #later(ms: number, next: () => void): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#tools.clock.setTimer(ms, next);
  }
}
