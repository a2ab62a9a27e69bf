import { rotated } from '../lib/statistics.ts';
import type { Condition, ConditionName } from './conditions.ts';
import { connectionsFor, doing, measure, type Started, type Surroundings, verify, type Window } from './measure.ts';
import type { Options } from './options.ts';
import type { ServerName } from './servers.ts';
import { type Work, type WorkName, worksOf } from './works.ts';

/** One window for each round, in the order of the rounds. */
export type Series = Map<WorkName, Map<ServerName, Window[]>>;
export type Measured = Map<ConditionName, Series>;

/** Length of a warm-up. After three seconds V8 still compiled: servers were up to a third slower than after ten. */
const WARM_UP_MS = 10_000;

/** What is known of a server and a work before it is measured. */
interface Known {
  /** Of a right answer. */
  readonly bytes: number;
  readonly connections: number;
}

/** Verifies and warms every server, then measures in rounds: in each one every server has its turn at every work, in rotated order. */
export class Rounds {
  readonly measured: Measured = new Map();
  readonly #all: readonly Started[];
  readonly #surroundings: Surroundings;
  readonly #options: Options;
  readonly #say: (line: string) => void;
  readonly #known = new Map<Work, Map<Started, Known>>();

  constructor(all: readonly Started[], surroundings: Surroundings, options: Options, say: (line: string) => void) {
    this.#all = all;
    this.#surroundings = surroundings;
    this.#options = options;
    this.#say = say;
  }

  async run(): Promise<Measured> {
    for (const condition of this.#options.conditions) {
      this.measured.set(condition.name, new Map());
      await this.#surroundings.upstream.set(condition);
      await this.#prepare(condition);
      const rounds = condition.name === 'plain' ? this.#options.rounds : Math.ceil(this.#options.rounds / 2);
      for (let turn = 0; turn < rounds; turn++) {
        await this.#round(condition, turn);
        this.#say(`${condition.name}: round ${turn + 1} of ${rounds}`);
      }
    }
    return this.measured;
  }

  #works({ rows }: Condition): Work[] {
    return worksOf(rows).filter(({ name }) => this.#options.works.includes(name));
  }

  #servers({ servers }: Condition, work: Work): Started[] {
    return doing(this.#all, work).filter(({ server }) => servers?.includes(server.name) ?? true);
  }

  /** Verifies and warms up whoever has not been yet with these rows. */
  async #prepare(condition: Condition): Promise<void> {
    const { seconds, connections, isWhole } = this.#options;
    for (const work of this.#works(condition)) {
      const known = this.#known.get(work) ?? new Map<Started, Known>();
      this.#known.set(work, known);
      for (const each of this.#servers(condition, work)) {
        if (known.has(each)) continue;
        const bytes = await verify(each, work);
        const pace = { ...condition, connections, forMs: isWhole ? WARM_UP_MS : seconds * 3_000 };
        const { perSecond } = await measure(each, work, bytes, this.#surroundings, pace);
        known.set(each, { bytes, connections: connectionsFor(perSecond, connections) });
      }
      this.#say(`${condition.name}: verified and warm: ${work.title}`);
    }
  }

  async #round(condition: Condition, turn: number): Promise<void> {
    for (const work of this.#works(condition)) {
      for (const each of rotated(this.#servers(condition, work), turn)) {
        const { bytes = 0, connections = this.#options.connections } = this.#known.get(work)?.get(each) ?? {};
        const pace = { ...condition, connections, forMs: this.#options.seconds * 1000 };
        const window = await measure(each, work, bytes, this.#surroundings, pace);
        this.#add(condition.name, work.name, each.server.name, window);
      }
    }
  }

  #add(condition: ConditionName, work: WorkName, server: ServerName, window: Window): void {
    const series = this.measured.get(condition);
    const ofWork = series?.get(work) ?? new Map<ServerName, Window[]>();
    series?.set(work, ofWork);
    const windows = ofWork.get(server) ?? [];
    ofWork.set(server, windows);
    windows.push(window);
  }
}
