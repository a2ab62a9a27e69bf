import type { EventLogReader, LoggedChange, LogPage } from '../../../src/live/index.ts';
import { FetchError } from '../../../src/live/index.ts';
import type { VirtualClock } from './clock.ts';

/** The event log of a model world, with what can go wrong. */
export class ModelLog implements EventLogReader {
  readonly entries: LoggedChange[] = [];
  /** Calls by the time at which they began. */
  readonly calls: number[] = [];
  /** `absent`: no such address; `down`: calls fail. */
  mode: 'works' | 'absent' | 'down' = 'works';
  found: readonly string[] | 'all' | null = ['p'];
  /** Waldur's clock minus that of the gateway. */
  skewMs = 0;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  write(uuid: string, type = 'resource_pull_scheduled'): void {
    const created = this.#clock.wallNow() + this.skewMs;
    this.entries.push({ kind: 'snapshot', uuid, project: 'p', type, created });
  }

  async projects(): Promise<readonly string[] | 'all' | null> {
    await this.#serve();
    return this.found;
  }

  async read(_project: string | null, since: number | null): Promise<LogPage | null> {
    this.calls.push(this.#clock.now());
    await this.#serve();
    if (this.mode === 'absent') return null;
    const size = since === null ? 10 : 300;
    const found = this.entries.filter(({ created }) => created >= (since ?? 0) * 1_000).toReversed();
    return { changes: found.slice(0, size), newest: found[0]?.created ?? null, isFull: found.length >= size };
  }

  async #serve(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#clock.setTimer(20, resolve);
    });
    if (this.mode === 'down') throw new FetchError({ kind: 'unavailable' });
  }
}
