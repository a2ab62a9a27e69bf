import type { LiveEvent, LiveObserver, SubscribeRequest, Tuning } from '../../../src/live/index.ts';
import { createLive, type Live, LiveEnd } from '../../../src/live/index.ts';
import { seeded, VirtualClock } from './clock.ts';
import { ModelUpstream, World } from './world.ts';

/** Reads a stream as fast as events come, or not at all while paused. */
export class Watcher {
  readonly events: LiveEvent[] = [];
  end: LiveEnd | 'done' | null = null;
  /** What `onEnd` was told. */
  told: LiveEnd | null = null;
  #stream: AsyncIterator<LiveEvent> | null = null;
  #resume: (() => void) | null = null;
  #paused = false;

  /** Begins to read; `request` gets this watcher's `onEnd`. */
  start(open: (onEnd: (end: LiveEnd) => void) => AsyncIterableIterator<LiveEvent>): this {
    this.#stream = open((end) => {
      this.told = end;
    });
    void this.#read(this.#stream);
    return this;
  }

  get kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  get last(): LiveEvent | undefined {
    return this.events.at(-1);
  }

  /** The newest cursor received. */
  get cursor(): string | null {
    return this.events.findLast(({ cursor }) => cursor !== null)?.cursor ?? null;
  }

  of(uuid: string): LiveEvent[] {
    return this.events.filter((event) => event.uuid === uuid);
  }

  /** Forgets what was received so far. */
  clear(): void {
    this.events.length = 0;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#resume?.();
  }

  async stop(): Promise<void> {
    this.resume();
    await this.#stream?.return?.();
  }

  async #read(stream: AsyncIterator<LiveEvent>): Promise<void> {
    try {
      for (;;) {
        if (this.#paused) {
          await new Promise<void>((resolve) => {
            this.#resume = resolve;
          });
        }
        const next = await stream.next();
        if (next.done === true) break;
        this.events.push(next.value);
      }
      this.end = 'done';
    } catch (error) {
      if (!(error instanceof LiveEnd)) throw error;
      this.end = error;
    }
  }
}

const RELATIONS = new Set(['restorations', 'source_volume_name', 'project_name']);

export interface HarnessOptions {
  readonly rows?: number;
  readonly seed?: number;
  readonly tuning?: Partial<Tuning>;
  readonly isBusy?: (callerKey: string) => boolean;
  readonly callsUpstream?: () => number;
  readonly onNews?: (callerKey: string) => void;
  readonly onUnexpected?: (error: unknown) => void;
  readonly observer?: LiveObserver;
}

/** An engine over a model world, in virtual time. */
export class Harness {
  readonly clock = new VirtualClock();
  readonly world = new World(this.clock);
  readonly upstream: ModelUpstream;
  readonly live: Live;

  constructor(options: HarnessOptions = {}) {
    const { rows = 0, seed = 1, tuning = {}, isBusy, onNews, callsUpstream, onUnexpected, observer } = options;
    this.upstream = new ModelUpstream(this.clock, this.world, tuning.pageSize);
    this.live = createLive({
      clock: this.clock,
      random: seeded(seed),
      cursorKey: 'test key',
      isColumn: (_kind, field) => !RELATIONS.has(field),
      tuning,
      ...(isBusy && { isBusy }),
      ...(onNews && { onNews }),
      ...(observer && { observer }),
      ...(callsUpstream && { callsUpstream }),
      onUnexpected:
        onUnexpected ??
        ((error) => {
          throw error;
        }),
    });
    this.world.fill(rows);
  }

  request(over: Partial<SubscribeRequest> = {}): SubscribeRequest {
    const fields = new Set(['uuid', 'name', 'state']);
    return { callerKey: 'alice', kind: 'snapshot', filter: {}, fields, fetcher: this.upstream, ...over };
  }

  watch(over: Partial<SubscribeRequest> = {}): Watcher {
    return new Watcher().start((onEnd) => this.live.subscribe(this.request({ onEnd, ...over })));
  }

  /** A watcher that has received its present state. */
  async ready(over: Partial<SubscribeRequest> = {}): Promise<Watcher> {
    const watcher = this.watch(over);
    await this.clock.until(() => watcher.kinds.includes('BOOKMARK'));
    return watcher;
  }
}
