import { isOlder } from '../../../src/domain/diff.ts';
import type { State } from '../../../src/domain/states.ts';
import type { LiveEvent, LiveRow, Nudge, SubscribeRequest } from '../../../src/live/index.ts';
import { seeded } from './clock.ts';
import { Harness, type HarnessOptions } from './harness.ts';
import { History, isInside } from './history.ts';
import { ModelReader, type Sight } from './reader.ts';
import { type Call, project } from './world.ts';

export type Lie = 'empty' | 'shorter' | 'older';

/** What can happen in a history. Objects and readers go by number. */
export type Command =
  | { readonly do: 'put'; readonly object: number; readonly state: State; readonly mine: boolean }
  | { readonly do: 'delete'; readonly object: number }
  | { readonly do: 'rename'; readonly object: number; readonly name: number }
  /** A restored volume does not touch its snapshot: nothing but the relation field shows it. */
  | { readonly do: 'relate'; readonly object: number; readonly count: number }
  /** The hourly pull: every `modified` changes, and nothing else. */
  | { readonly do: 'touch all' }
  /** Our own write: changes the object after `commit` ms and answers `answer` ms later. */
  | {
      readonly do: 'write';
      readonly object: number;
      readonly state: State;
      readonly commit: number;
      readonly answer: number;
    }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'latency'; readonly most: number }
  | { readonly do: 'fail'; readonly calls: number; readonly kind: 'unavailable' | 'rate-limited' }
  /** The next list answer is wrong. */
  | { readonly do: 'lie'; readonly lie: Lie }
  | { readonly do: 'read'; readonly reader: number; readonly events: number }
  | { readonly do: 'pause' | 'resume' | 'leave' | 'return'; readonly reader: number };

/** Small numbers, so that short histories reach every bound. */
export const TUNING = {
  pageSize: 3,
  tickRelistRows: 6,
  rareRows: 1,
  pageMs: 4_000,
  vanishedTogether: 2,
  relistMs: 20_000,
  relationsMs: 15_000,
  relationsMostMs: 15_000,
  queueKeys: 2,
  logEvents: 6,
  lingerMs: 6_000,
  slowReaderMs: 15_000,
  backoffMs: { least: 500, most: 4_000 },
};

const NOTICES = 2;

export class Story extends Harness {
  readonly readers: readonly ModelReader[];
  /** Whatever was going on, this is long enough for a relist, its questions, and the relations of unchanged rows. */
  protected readonly convergedMs: number = 50_000;
  protected readonly chance: () => number;
  readonly #history = new History(this.clock);
  #failing = 0;
  #liedOlder = false;

  constructor({
    seed,
    rows,
    sights,
    tuning,
    watch,
  }: Pick<HarnessOptions, 'tuning' | 'watch'> & { seed: number; rows: number; sights: readonly Sight[] }) {
    super({ seed, tuning: { ...TUNING, ...tuning }, ...(watch && { watch }) });
    this.chance = seeded(seed + 1);
    for (let at = 0; at < rows; at += 1) this.#put(at, 'OK', at % 2 === 0);
    this.readers = sights.map(
      (sight, at) => new ModelReader(sight, this.#history, (over) => this.subscribe(at, this.request(over))),
    );
  }

  /** Everybody connects. */
  begin(): void {
    for (const reader of this.readers) reader.connect();
  }

  /** @param _reader its number. */
  protected subscribe(_reader: number, request: SubscribeRequest): AsyncIterableIterator<LiveEvent> {
    return this.live.subscribe(request);
  }

  /** A write begins. @returns what reports its response. */
  protected beginWrite(): (nudge: Omit<Nudge, 'mark'>) => void {
    const mark = this.live.mark();
    return (nudge) => this.live.nudge('alice', { ...nudge, mark });
  }

  protected closeEngines(): Promise<void> {
    return this.live.close();
  }

  async run(command: Command): Promise<void> {
    switch (command.do) {
      case 'put':
        this.#put(command.object, command.state, command.mine);
        break;
      case 'delete':
        this.world.delete(`o${command.object}`);
        this.#history.note(this.world, `o${command.object}`);
        break;
      case 'rename':
        this.#change(command.object, { name: `name ${command.name}` });
        break;
      case 'relate':
        this.#relate(command.object, command.count);
        break;
      case 'touch all':
        for (let at = 0; at < 10; at += 1) this.#change(at, {});
        break;
      case 'write':
        this.#write(command.object, command.state, command.commit, command.answer);
        break;
      case 'wait':
        await this.clock.advance(command.ms);
        break;
      case 'latency':
        this.upstream.latency = () => [this.chance() * command.most, this.chance() * command.most];
        break;
      case 'fail':
        this.#failing = command.calls;
        this.upstream.failure = () => {
          if (this.#failing === 0) return null;
          this.#failing -= 1;
          return command.kind === 'unavailable'
            ? { kind: 'unavailable' }
            : { kind: 'rate-limited', retryAfterMs: 3_000 };
        };
        break;
      case 'lie':
        this.#lie(command.lie);
        break;
      case 'pause':
        this.readers[command.reader]?.pause();
        break;
      case 'read':
        this.readers[command.reader]?.read(command.events);
        break;
      case 'resume':
        this.readers[command.reader]?.resume();
        break;
      case 'leave':
        await this.readers[command.reader]?.disconnect();
        break;
      case 'return':
        this.readers[command.reader]?.connect();
        break;
    }
  }

  /** Lets the upstream recover and everybody come back, and enough time pass. */
  async converge(): Promise<void> {
    this.#failing = 0;
    this.upstream.latency = () => [10, 10];
    for (const reader of this.readers) reader.resume();
    await this.clock.advance(100);
    for (const reader of this.readers) reader.connect();
    await this.clock.advance(this.convergedMs);
    await this.closeEngines();
    // No answer is waited for any more; what else is set would be a leak.
    await this.clock.advance(10_000);
  }

  /** What a reader believes that is not so, after `converge`. */
  untruths({ sight, known }: ModelReader): string[] {
    const wrong: string[] = [];
    const truth = new Map(
      this.world.rows().flatMap((row) => (isInside(row, sight) ? [[row.uuid, project(row, sight.fields)]] : [])),
    );
    for (const uuid of known.keys()) if (!truth.has(uuid)) wrong.push(`${uuid} is not there`);
    for (const [uuid, row] of truth) {
      const held = known.get(uuid);
      if (held === undefined) wrong.push(`${uuid} is missing`);
      else if (held.state !== row.state) wrong.push(`${uuid} is ${row.state}, not ${held.state}`);
      for (const field of sight.fields) {
        const [is, believed] = [row.fields[field], held?.fields[field]].map((value) => JSON.stringify(value));
        if (held !== undefined && is !== believed) wrong.push(`${uuid}.${field} is ${is}, not ${believed}`);
      }
    }
    return wrong;
  }

  /** More waits for readers than there may be. */
  isOverfull(): boolean {
    const { deltaQueueLength: queued, subscribers, storeObjects: objects } = this.live.stats();
    return queued > subscribers * (Math.max(TUNING.queueKeys, objects) + NOTICES);
  }

  #put(at: number, state: State, mine: boolean): void {
    this.world.put(`o${at}`, state, { name: 'first', tag: mine ? 'mine' : 'other' });
    this.#history.note(this.world, `o${at}`);
  }

  #change(at: number, fields: Record<string, unknown>): void {
    const row = this.world.get(`o${at}`);
    if (row === undefined) return;
    this.world.put(row.uuid, row.state, fields);
    this.#history.note(this.world, row.uuid);
  }

  #relate(at: number, count: number): void {
    const row = this.world.get(`o${at}`);
    if (row === undefined) return;
    const { modified, v } = row.fields;
    this.world.put(row.uuid, row.state, { restorations: Array(count).fill('volume'), modified, v });
    this.#history.note(this.world, row.uuid);
  }

  #write(at: number, state: State, commit: number, answer: number): void {
    const report = this.beginWrite();
    this.clock.setTimer(commit, () => {
      const uuid = `o${at}`;
      const before = this.world.get(uuid);
      if (before === undefined) return;
      const written = this.world.put(uuid, state, { name: 'written' });
      this.#history.note(this.world, uuid);
      // DELETE and pull answer without the object.
      const row = state === 'DELETION_SCHEDULED' ? null : project(written, ['uuid', ...Object.keys(written.fields)]);
      this.clock.setTimer(answer, () => report({ kind: 'snapshot', uuid, row }));
    });
  }

  #lie(lie: Lie): void {
    this.upstream.distort = (rows, call) => {
      this.upstream.distort = (truth) => truth;
      switch (lie) {
        case 'empty':
          return [];
        case 'shorter':
          return rows.slice(1);
        case 'older':
          return rows.map((row) => this.#older(row, call));
      }
    };
  }

  /** Once in a history an answer shows objects as they were: a second one that agrees would have to be believed. */
  #older(row: LiveRow, { fields, kind }: Call): LiveRow {
    const earlier = this.#history.earlier(row.uuid);
    const present = this.world.get(row.uuid);
    if (this.#liedOlder || kind === 'states' || earlier === null || present === undefined) return row;
    if (earlier.fields.tag !== present.fields.tag) return row;
    if (!isOlder(earlier.fields.modified, present.fields.modified)) return row;
    this.#liedOlder = true;
    return project(earlier, fields);
  }
}
