import type { LiveEvent, SubscribeRequest } from '../../../src/live/index.ts';
import { ModelLog } from './event-log.ts';
import type { Sight } from './reader.ts';
import { type Command, Story } from './story.ts';
import { ModelUpstream } from './world.ts';

/** What sources of hints do. */
export type HintCommand =
  /** A hint of a change that was, or never was: late, doubled, wrong or forged. */
  | {
      readonly do: 'hint';
      readonly object: number;
      readonly times: number;
      readonly isNew: boolean;
      readonly isEarly: boolean;
    }
  | { readonly do: 'log'; readonly mode: ModelLog['mode'] }
  /** Entries of the log come so much later, or never. */
  | { readonly do: 'delay'; readonly ms: number | 'lost' }
  /** The calls of the watcher fail, or work again. */
  | { readonly do: 'watcher'; readonly works: boolean };

/** A story whose informers are told where to look, by a log with the caller's credentials and perhaps by a watcher. */
export class HintedStory extends Story {
  readonly log: ModelLog = new ModelLog(this.clock);
  readonly #watcher: ModelUpstream;
  #delay: number | 'lost' = 0;
  #watcherWorks = true;

  constructor(options: { seed: number; rows: number; sights: readonly Sight[]; isWatched: boolean }) {
    const watched: { upstream?: ModelUpstream } = {};
    super({
      ...options,
      tuning: {
        hintRelistMs: 20_000,
        hintedRelistMs: 10_000,
        eventsRefusedMs: 5_000,
        // With every other seed the log only assists.
        eventsReplacePages: options.seed % 2 === 0,
      },
      ...(options.isWatched && {
        watch: {
          callerKey: 'the watcher',
          fields: () => new Set(['uuid', 'state', 'name', 'tag', 'v']),
          fetcher: () => watched.upstream ?? this.upstream,
          onEnd: () => {},
        },
      }),
    });
    this.#watcher = new ModelUpstream(this.clock, this.world, 3);
    this.#watcher.failure = () => (this.#watcherWorks ? null : { kind: 'unavailable' });
    watched.upstream = this.#watcher;
    this.log.found = 'all';
  }

  async tell(command: Command | HintCommand): Promise<void> {
    switch (command.do) {
      case 'hint':
        for (let time = 0; time < command.times; time += 1) {
          this.live.hint({ ...command, kind: 'snapshot', uuid: `o${command.object}` });
        }
        break;
      case 'log':
        this.log.mode = command.mode;
        break;
      case 'delay':
        this.#delay = command.ms;
        break;
      case 'watcher':
        this.#watcherWorks = command.works;
        break;
      default:
        if ('object' in command) this.#logged(command.object);
        await this.run(command);
    }
  }

  protected override subscribe(reader: number, request: SubscribeRequest): AsyncIterableIterator<LiveEvent> {
    return super.subscribe(reader, { ...request, events: this.log });
  }

  #logged(object: number): void {
    if (this.#delay === 'lost') return;
    this.clock.setTimer(this.#delay, () => this.log.write(`o${object}`, 'resource_creation_scheduled'));
  }
}
