import { type Coverage, type Hint, HintGate, type HintSource } from './hints.ts';
import type { PollerTools } from './poll-client.ts';
import type { InformerIdentity } from './poll-target.ts';
import type { Poller } from './poller.ts';
import type { Store } from './store.ts';
import type { FilterValue } from './types.ts';

interface Parts {
  readonly identity: InformerIdentity;
  readonly store: Store;
  readonly poller: Poller;
  readonly tools: Pick<PollerTools, 'clock' | 'tuning'>;
}

/** Filters that name the project of every object in the scope. */
const OF_PROJECT = ['project', 'projectUuid'];

const bare = (uuid: string): string => uuid.replaceAll('-', '').toLowerCase();

/** What hints do to one informer: they make it read objects, and while a source works they take the place of polls. */
export class InformerHints {
  readonly #parts: Parts;
  readonly #gate: HintGate;
  /** The project of all objects, where the filter names it. */
  readonly project: string | null;
  /** Whether the filter has other conditions, which an object can begin to fulfil. */
  readonly #isFiltered: boolean;
  /** Logical time since when each source has worked without a gap. */
  readonly #worksSince: Record<HintSource, number | null> = { events: null, watcher: null };
  /** Logical time at which the last complete read of the scope began. */
  #readBegun = Number.NEGATIVE_INFINITY;
  #relistAllowedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { clock, tuning } = parts.tools;
    this.#gate = new HintGate(tuning.hintedReads, clock.now());
    const conditions = Object.entries(parts.identity.scope.filter);
    const named = conditions.find(([name]) => OF_PROJECT.includes(name))?.[1];
    this.project = projectIn(named);
    this.#isFiltered = conditions.some(([name]) => !OF_PROJECT.includes(name));
  }

  /** Whether the event log is to take the place of polls here. Small scopes are read as a whole as cheaply. */
  get wantsEvents(): boolean {
    const { identity, store, poller, tools } = this.#parts;
    if (!tools.tuning.eventsReplacePages) return false;
    const isLarge = identity.scope.uuid === null && store.size > tools.tuning.tickRelistRows;
    return isLarge && poller.isRunning && identity.events !== null && this.#worksSince.watcher === null;
  }

  /** Whether a source of hints takes the place of polls now. */
  get isRelied(): boolean {
    return this.#coverage() !== 'none';
  }

  /** Reads the object again, if it is of interest here. */
  hint({ uuid, project = null, isNew = false, isEarly = false }: Hint): void {
    const { store, poller, tools, identity } = this.#parts;
    // The leader reads, for all replicas.
    if (!poller.isRunning || !this.#isOfInterest(uuid, project, isNew)) return;
    const now = tools.clock.now();
    const { schedule } = poller;
    if (this.#gate.admits(now)) {
      schedule.rechecks.hinted(uuid);
      const isHeldAlone = identity.scope.uuid !== null || store.has(uuid);
      if (isEarly || !isHeldAlone) schedule.rechecks.lookAgain(uuid, now + tools.tuning.hintAgainMs);
    } else if (now >= this.#relistAllowedAt) {
      this.#relistAllowedAt = now + tools.tuning.hintedRelistMs;
      schedule.relistNow();
    }
    poller.wake();
  }

  /** @param since logical time since when the source has worked without a gap; null: it does not work. */
  cover(source: HintSource, since: number | null): void {
    if (this.#worksSince[source] === since) return;
    this.#worksSince[source] = since;
    this.#update();
  }

  /** The whole scope has been read. What changed before the source began to work was found by that. */
  read(begun: number): void {
    this.#readBegun = begun;
    this.#update();
  }

  /** Nothing counts as read. */
  restart(): void {
    this.#readBegun = Number.NEGATIVE_INFINITY;
    this.#update();
  }

  /** The source has looked at everything. @param begunAt when it began to. */
  vouch(source: HintSource, begunAt: number): void {
    const { poller, tools } = this.#parts;
    const coverage = this.#coverage();
    if (coverage !== (source === 'watcher' ? 'all' : 'settled')) return;
    // The log does not show every state of an object that moves.
    if (coverage === 'all' || poller.schedule.urgency(tools.clock.now()) === 'idle') poller.vouched(begunAt);
  }

  #isOfInterest(uuid: string, project: string | null, isNew: boolean): boolean {
    const { identity, store } = this.#parts;
    if (identity.scope.uuid !== null) return identity.scope.uuid === uuid;
    if (store.has(uuid)) return true;
    if (project !== null && this.project !== null && bare(project) !== this.project) return false;
    return isNew || this.#isFiltered;
  }

  #coverage(): Coverage {
    const { events, watcher } = this.#worksSince;
    // Whoever makes the hints of others relies on none.
    if (this.#parts.identity.isWatcher) return 'none';
    if (watcher !== null && this.#readBegun >= watcher) return 'all';
    return events !== null && this.#readBegun >= events ? 'settled' : 'none';
  }

  #update(): void {
    const { poller, tools } = this.#parts;
    if (poller.schedule.cover(this.#coverage(), tools.clock.now())) poller.wake();
  }
}

function projectIn(value: FilterValue | undefined): string | null {
  return typeof value === 'string' ? bare(value) : null;
}
