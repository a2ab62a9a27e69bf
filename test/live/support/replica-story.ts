import type { LiveEvent, Nudge, SubscribeRequest } from '../../../src/live/index.ts';
import type { Sight } from './reader.ts';
import { Replicas, withoutSkew } from './replicas.ts';
import { type Command, Story, TUNING } from './story.ts';

/** What can happen to replicas. They go by number. */
export type ReplicaCommand =
  | Command
  | { readonly do: 'kill' | 'stop' | 'continue' | 'cut' | 'restart'; readonly replica: number }
  /** Redis loses everything, takes no more data, or is as before. Stopped replicas continue. */
  | { readonly do: 'flush' | 'full' | 'heal' }
  | { readonly do: 'slow redis'; readonly most: number };

const RELATIONS = new Set(['restorations', 'source_volume_name', 'project_name']);

/** A story whose readers are spread over several replicas, and move when theirs ends. */
export class ReplicaStory extends Story {
  readonly replicas: Replicas;
  /** The replicas also have to find each other first. */
  protected override readonly convergedMs = 90_000;
  /** The replica of each reader. */
  readonly #places: number[];

  constructor(options: { seed: number; rows: number; sights: readonly Sight[]; count: number }) {
    super(options);
    const { seed, count } = options;
    this.replicas = new Replicas({
      clock: this.clock,
      upstream: this.upstream,
      count,
      seed,
      tuning: TUNING,
      isColumn: (field) => !RELATIONS.has(field),
    });
    this.#places = this.readers.map((_, at) => at);
    this.begin();
  }

  async step(command: ReplicaCommand): Promise<void> {
    switch (command.do) {
      case 'kill':
        this.replicas.kill(command.replica);
        await this.#leave(command.replica);
        break;
      case 'restart':
        await this.replicas.restart(command.replica);
        await this.#leave(command.replica);
        break;
      case 'stop':
        this.replicas.stop(command.replica);
        break;
      case 'continue':
        this.replicas.continue(command.replica);
        break;
      case 'cut':
        this.replicas.cut(command.replica);
        break;
      case 'heal':
        this.replicas.heal();
        break;
      case 'flush':
        this.replicas.redis.flush();
        break;
      case 'full':
        this.replicas.redis.isFull = true;
        break;
      case 'slow redis':
        this.replicas.delayMs = command.most;
        break;
      default:
        await this.run(command);
    }
  }

  override async converge(): Promise<void> {
    this.replicas.heal();
    this.replicas.delayMs = 2;
    await super.converge();
  }

  override isOverfull(): boolean {
    return Array.from({ length: this.replicas.count }, (_, at) => this.replicas.at(at).live.stats()).some(
      ({ deltaQueueLength, subscribers, storeObjects }) =>
        deltaQueueLength > subscribers * (Math.max(TUNING.queueKeys, storeObjects) + 2),
    );
  }

  protected override subscribe(reader: number, request: SubscribeRequest): AsyncIterableIterator<LiveEvent> {
    const place = this.#runningPlace();
    this.#places[reader] = place;
    const stream = this.replicas.subscribe(place, request);
    const mapped: AsyncIterableIterator<LiveEvent> = {
      next: async () => {
        const next = await stream.next();
        if (next.done === true) return next;
        const { observedAt } = next.value;
        return { done: false, value: { ...next.value, observedAt: withoutSkew(observedAt, this.clock.wallNow()) } };
      },
      return: async () => (await stream.return?.()) ?? { done: true, value: undefined },
      [Symbol.asyncIterator]: () => mapped,
    };
    return mapped;
  }

  protected override beginWrite(): (nudge: Omit<Nudge, 'mark'>) => void {
    return this.replicas.beginWrite(this.#runningPlace(), 'alice');
  }

  protected override async closeEngines(): Promise<void> {
    await this.replicas.close();
    await super.closeEngines();
  }

  /** A replica that runs, or any when none does. */
  #runningPlace(): number {
    const first = Math.floor(this.chance() * this.replicas.count);
    for (let at = first; at < first + this.replicas.count; at += 1) {
      if (this.replicas.isRunning(at)) return at % this.replicas.count;
    }
    return first;
  }

  /** The connections to a replica are lost. */
  async #leave(replica: number): Promise<void> {
    const place = replica % this.replicas.count;
    for (const [at, reader] of this.readers.entries()) {
      if (this.#places[at] !== place || !reader.connected) continue;
      await reader.disconnect();
      reader.connect();
    }
  }
}
