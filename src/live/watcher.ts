import type { LiveEvent } from './events.ts';
import type { Hint } from './hints.ts';
import { type Cancel, type Clock, type EventLogReader, type Kind, type ListFetcher, LiveEnd } from './types.ts';

/** An account that sees the objects of all callers. Its rows are compared, and never sent to anybody. */
export interface WatchAccount {
  readonly callerKey: string;
  /** REST names of the fields whose changes are hints. */
  fields(kind: Kind): ReadonlySet<string>;
  fetcher(kind: Kind): ListFetcher;
  readonly events?: EventLogReader;
  /** The watcher of a kind has stopped for a while, for example because Waldur refused the account. */
  onEnd(kind: Kind, error: unknown): void;
  /** It shows all changes from now on. */
  onWorks?(kind: Kind): void;
}

/** What a watcher needs of the registry. */
export interface WatcherHost {
  /** One informer over everything that the account of the watcher sees. */
  open(kind: Kind): AsyncIterableIterator<LiveEvent>;
  hint(hint: Hint): void;
  /** Whether its deltas show all changes from now on. */
  works(kind: Kind, doesWork: boolean): void;
  /** The account was refused, or something else ended the stream. */
  ended(error: unknown): void;
}

/** An ended stream is opened again after this. */
const REOPEN_MS = 60_000;

/**
 * Turns the deltas of one informer over everything into hints for the informers of all callers. Its rows are never sent to anybody: callers
 * see only what their own credentials read. Replicas share the informer like any other, so one of them polls.
 */
export class Watcher {
  readonly #kind: Kind;
  readonly #host: WatcherHost;
  readonly #clock: Clock;
  #stream: AsyncIterableIterator<LiveEvent> | null = null;
  #cancelReopen: Cancel | null = null;
  #isStopped = true;

  constructor(kind: Kind, host: WatcherHost, clock: Clock) {
    this.#kind = kind;
    this.#host = host;
    this.#clock = clock;
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#open();
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#cancelReopen?.();
    void this.#stream?.return?.();
    this.#stream = null;
    this.#host.works(this.#kind, false);
  }

  #open(): void {
    const stream = this.#host.open(this.#kind);
    this.#stream = stream;
    this.#follow(stream).catch((error: unknown) => {
      if (this.#stream !== stream) return;
      this.#stream = null;
      this.#host.works(this.#kind, false);
      this.#host.ended(error);
      this.#cancelReopen = this.#clock.setTimer(REOPEN_MS, () => this.#open());
    });
  }

  async #follow(stream: AsyncIterableIterator<LiveEvent>): Promise<void> {
    for await (const event of stream) {
      if (this.#stream !== stream) return;
      // Any event ends the time after a STALE. After a RESET the state is complete with the next BOOKMARK.
      if (event.kind === 'STALE' || event.kind === 'RESET') this.#host.works(this.#kind, false);
      else this.#host.works(this.#kind, true);
      if (event.uuid !== null) this.#host.hint(this.#hintOf(event));
    }
    if (this.#stream === stream) throw new LiveEnd('not-found');
  }

  #hintOf({ kind, uuid, row }: LiveEvent & { uuid: string }): Hint {
    const project = row?.fields.project_uuid;
    return {
      kind: this.#kind,
      uuid,
      project: typeof project === 'string' ? project : null,
      isNew: kind === 'ADDED',
    };
  }
}
