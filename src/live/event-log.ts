import type { Hint } from './hints.ts';
import type { InformerHints } from './informer-hints.ts';
import { PollClient, type PollerTools } from './poll-client.ts';
import { type EventLogReader, FetchError, type LoggedChange, type LogPage } from './types.ts';
import { WakeableTimer } from './wakeable-timer.ts';

/** What informers of one caller need of the log. */
export interface EventTarget {
  readonly hints: InformerHints;
}

interface Reading {
  /** Logical time since when it has worked without a gap. */
  worksSince: number | null;
  /** Of the newest entry by Waldur's clock, and when it was seen by the monotonic one. */
  newest: { readonly at: number; readonly seenAt: number } | null;
  refusedUntil: number;
  /** Entries that have been seen within the overlap. */
  seen: Set<string>;
}

/** The clocks may differ in speed by this share. */
const CLOCK_DRIFT = 0.001;
/** Types of events with which an object comes to exist, and those with which one comes or goes. */
const CREATIONS = /_(?:creation|import)_/;
const COMINGS_AND_GOINGS = /_(?:creation|import|deletion|unlink)_/;
/** Longest pause after failures, as a multiple of the usual one. */
const LONGEST_PAUSE = 8;

/**
 * Reads the event log with the credentials of one caller and turns its entries into hints: when an informer holds another number of objects than
 * Waldur states, or all the time in place of pages. A refused log is noticed once; the informers then poll as without it.
 */
export class CallerEvents {
  readonly #callerKey: string;
  readonly #reader: EventLogReader;
  readonly #tools: PollerTools;
  readonly #client: PollClient;
  readonly #informers: () => Iterable<EventTarget>;
  readonly #emit: (hint: Hint) => void;
  readonly #readings = new Map<string | null, Reading>();
  #projects: { readonly found: readonly string[] | 'all' | null; readonly until: number } | null = null;
  #failures = 0;
  #running: AbortController | null = null;
  #looking: AbortController | null = null;

  constructor(
    callerKey: string,
    reader: EventLogReader,
    tools: PollerTools,
    informers: () => Iterable<EventTarget>,
    emit: (hint: Hint) => void,
  ) {
    this.#callerKey = callerKey;
    this.#reader = reader;
    this.#tools = tools;
    this.#client = new PollClient(callerKey, tools);
    this.#informers = informers;
    this.#emit = emit;
  }

  /** Reads from now on, if an informer wants it. */
  check(): void {
    if (this.#running !== null || this.#wanting().length === 0) return;
    const running = new AbortController();
    this.#running = running;
    this.#loop(running.signal).catch((error: unknown) => {
      this.#running = null;
      this.#tools.onUnexpected(error);
    });
  }

  /** Looks for what came to or went from the scope of an informer. */
  look(hints: InformerHints): void {
    // While the log is read all the time, it is seen soon.
    if (this.#running !== null || this.#looking !== null) return;
    const looking = new AbortController();
    this.#looking = looking;
    this.#lookFor(hints, looking.signal)
      .catch(this.#tools.onUnexpected)
      .finally(() => {
        this.#looking = null;
      });
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
    this.#looking?.abort();
  }

  async #lookFor(hints: InformerHints, signal: AbortSignal): Promise<void> {
    const { eventsOverlapMs, eventsLookMs } = this.#tools.tuning;
    for (const log of await this.#logsFor(hints, signal)) {
      const reading = this.#readingOf(log);
      const { newest } = reading;
      const since = newest === null ? null : Math.floor((newest.at - eventsOverlapMs) / 1_000);
      const page = await this.#ask(log, reading, since, signal);
      const end = page?.newest ?? null;
      if (page === null || end === null) continue;
      const isNews = ({ type, created }: LoggedChange): boolean =>
        COMINGS_AND_GOINGS.test(type) && created >= end - eventsLookMs;
      // What changed is known to have changed already, so nothing is early.
      for (const change of this.#unseen(reading, page)) if (isNews(change)) this.#emit(hintOf(change, false));
    }
  }

  #wanting(): InformerHints[] {
    return [...this.#informers()].map(({ hints }) => hints).filter(({ wantsEvents }) => wantsEvents);
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock, tuning, random } = this.#tools;
    const timer = new WakeableTimer(clock);
    signal.addEventListener('abort', () => timer.wake(), { once: true });
    while (!signal.aborted) {
      const wanting = this.#wanting();
      for (const { hints } of this.#informers()) if (!wanting.includes(hints)) hints.cover('events', null);
      if (wanting.length === 0) break;
      await this.#tick(wanting, signal);
      if (signal.aborted) return;
      const pause = tuning.eventsMs * Math.min(LONGEST_PAUSE, 2 ** this.#failures);
      await timer.wait(clock.now() + pause * (1 + 0.01 * (2 * random() - 1)));
    }
    if (!signal.aborted) this.#running = null;
    this.#readings.clear();
  }

  /** Reads the logs that the informers need, one call each. */
  async #tick(wanting: readonly InformerHints[], signal: AbortSignal): Promise<void> {
    const { clock } = this.#tools;
    const begunAt = clock.now();
    const needed = new Map<InformerHints, readonly (string | null)[]>();
    for (const hints of wanting) needed.set(hints, await this.#logsFor(hints, signal));
    const logs = new Set([...needed.values()].flat());
    for (const log of logs) if (!signal.aborted) await this.#read(log, signal);
    if (signal.aborted) return;
    for (const log of this.#readings.keys()) if (!logs.has(log)) this.#readings.delete(log);
    for (const [hints, projects] of needed) {
      const since = projects.map((log) => this.#readings.get(log)?.worksSince ?? null);
      const works = since.length > 0 && since.every((each) => each !== null);
      hints.cover('events', works ? Math.max(...since.map((each) => each ?? 0)) : null);
      if (works) hints.vouch('events', begunAt);
    }
  }

  /** The logs that together show the scope of an informer; none when there are too many. */
  async #logsFor({ project }: InformerHints, signal: AbortSignal): Promise<readonly (string | null)[]> {
    if (project !== null) return [project];
    const { clock, tuning } = this.#tools;
    if (this.#projects === null || clock.now() >= this.#projects.until) {
      const read = await this.#call(signal, (during) => this.#reader.projects(tuning.eventsProjects, during));
      if (read === undefined) return [];
      this.#projects = { found: read, until: clock.now() + tuning.eventsProjectsMs };
    }
    const { found } = this.#projects;
    return found === 'all' ? [null] : (found ?? []);
  }

  async #read(log: string | null, signal: AbortSignal): Promise<void> {
    const reading = this.#readingOf(log);
    const begun = this.#tools.logicalNow();
    const page = await this.#ask(log, reading, this.#since(reading), signal);
    if (page === null) {
      reading.worksSince = null;
      return;
    }
    this.#take(reading, page);
    // Before the first answer nobody knows which entries are new.
    reading.worksSince ??= begun;
  }

  #readingOf(log: string | null): Reading {
    const reading: Reading = this.#readings.get(log) ?? {
      worksSince: null,
      newest: null,
      refusedUntil: Number.NEGATIVE_INFINITY,
      seen: new Set(),
    };
    this.#readings.set(log, reading);
    return reading;
  }

  /** @returns null when the log cannot be read now. */
  async #ask(log: string | null, reading: Reading, since: number | null, signal: AbortSignal): Promise<LogPage | null> {
    const { clock, tuning } = this.#tools;
    if (clock.now() < reading.refusedUntil) return null;
    const page = await this.#call(signal, (during) => this.#reader.read(log, since, during));
    if (page === null) reading.refusedUntil = clock.now() + tuning.eventsRefusedMs;
    return page ?? null;
  }

  /** Unix seconds by Waldur's clock from which entries may not have been seen; null when that clock is not known yet. */
  #since({ newest }: Reading): number | null {
    if (newest === null) return null;
    const { clock, tuning } = this.#tools;
    const passed = (clock.now() - newest.seenAt) * (1 - CLOCK_DRIFT);
    return Math.floor((newest.at + passed - tuning.eventsOverlapMs) / 1_000);
  }

  #take(reading: Reading, page: LogPage): void {
    const isFirst = reading.worksSince === null && reading.newest === null;
    const unseen = this.#unseen(reading, page);
    if (isFirst) return;
    for (const change of unseen) this.#emit(hintOf(change, true));
    // What is missing may concern anything: the scopes are read as a whole before the log is relied on again.
    if (page.isFull) reading.worksSince = null;
  }

  /** The entries that no page before has shown, oldest first. */
  #unseen(reading: Reading, { changes, newest }: LogPage): readonly LoggedChange[] {
    if (newest !== null && newest > (reading.newest?.at ?? Number.NEGATIVE_INFINITY)) {
      reading.newest = { at: newest, seenAt: this.#tools.clock.now() };
    }
    const seen = new Set(changes.map(idOf));
    const unseen = changes.filter((change) => !reading.seen.has(idOf(change))).toReversed();
    reading.seen = seen;
    return unseen;
  }

  /** @returns undefined when the call failed; the informers poll as without the log until it works again. */
  async #call<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const release = await this.#client.turn('hot', signal);
    if (release === null) return undefined;
    try {
      const { answer } = await this.#client.ask('events', { fields: [], version: null }, signal, call);
      this.#failures = 0;
      return answer;
    } catch (error) {
      if (!(error instanceof FetchError)) this.#tools.onUnexpected(error);
      else if (error.failure.kind === 'rate-limited') {
        const { clock, budget } = this.#tools;
        budget.pause(this.#callerKey, clock.now() + error.failure.retryAfterMs);
      }
      this.#failures += 1;
      return undefined;
    } finally {
      release();
    }
  }
}

const idOf = ({ uuid, type, created }: LoggedChange): string => `${uuid} ${type} ${created}`;

/** @param isEarly whether its row may not be saved yet: an event is written up to 10 ms before. */
const hintOf = ({ kind, uuid, project, type }: LoggedChange, isEarly: boolean): Hint => ({
  kind,
  uuid,
  project,
  isNew: CREATIONS.test(type),
  isEarly,
});
