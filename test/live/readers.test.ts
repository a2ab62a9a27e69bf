import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { State } from '../../src/domain/states.ts';
import { Broadcaster } from '../../src/live/broadcaster.ts';
import { CursorSigner } from '../../src/live/cursor.ts';
import { DeltaLog } from '../../src/live/delta-log.ts';
import { FieldUnion } from '../../src/live/field-union.ts';
import type { LiveEvent, LiveRow } from '../../src/live/index.ts';
import { canonicalFilter } from '../../src/live/scope.ts';
import { type ReadStamp, Store } from '../../src/live/store.ts';
import { Subscriber, type SubscriberHost } from '../../src/live/subscriber.ts';

/**
 * Readers without pollers and without time: objects change, readers read a little, fall behind, leave in the middle of a backlog
 * and resume. Slower readers get less, but each ends with the truth, and an event never contradicts the ones before it.
 */

/** `npm run test:soak` runs 20,000. */
const RUNS = Number(process.env.LIVE_READERS ?? 1_000);
const QUEUE_LIMIT = 2;
const LOG_EVENTS = 12;
const ALL = ['uuid', 'state', 'name', 'size'];

interface ReaderView {
  readonly states: readonly State[] | null;
  readonly fields: readonly string[];
  readonly uuids?: readonly string[];
  /** With false the client reads the list itself, after the BOOKMARK. */
  readonly initial?: boolean;
}

const VIEWS: readonly ReaderView[] = [
  { states: null, fields: ['name'] },
  { states: ['OK'], fields: ['name', 'size'] },
  { states: ['OK', 'UPDATING'], fields: [] },
  { states: ['OK', 'ERRED'], fields: ['name'], uuids: ['a', 'b'] },
  { states: ['OK'], fields: ['size'], initial: false },
];

const shows = ({ states, uuids }: ReaderView, { uuid, state }: LiveRow): boolean =>
  (states === null || states.includes(state)) && (uuids === undefined || uuids.includes(uuid));

class Stage implements SubscriberHost {
  readonly world = new Map<string, LiveRow>();
  readonly fieldUnion = new FieldUnion(() => true, 0);
  readonly store = new Store(this.fieldUnion);
  readonly broadcaster: Broadcaster;
  #order = 0;

  constructor() {
    this.broadcaster = new Broadcaster({
      key: 'informer',
      log: new DeltaLog('epoch', { logEvents: LOG_EVENTS, logMs: 1 }),
      fieldUnion: this.fieldUnion,
      store: this.store,
      signer: new CursorSigner('key'),
      now: () => 0,
      answeredAt: () => 0,
    });
  }

  put(uuid: string, state: State, name: number, size: number): void {
    const row = { uuid, state, fields: { name, size } };
    this.world.set(uuid, row);
    const change = this.store.observe(row, this.#stamp());
    if (typeof change === 'object') this.broadcaster.publish(change.delta);
  }

  remove(uuid: string): void {
    this.world.delete(uuid);
    const change = this.store.remove(uuid, this.#stamp(), null);
    if (change) this.broadcaster.publish(change.delta);
  }

  subscribe({ states, fields, uuids, initial = true }: ReaderView, after: string | null): Subscriber {
    const group = this.broadcaster.admit(canonicalFilter({ state: states }), new Set(fields), uuids ?? null);
    const subscriber = new Subscriber({ group, after, initial, host: this, onEnd: null });
    // What a relist does before a subscriber begins: rows are completed with the fields that are new.
    for (const row of this.world.values()) this.store.observe(row, this.#stamp());
    subscriber.open(this.broadcaster.openingEvents(subscriber));
    return subscriber;
  }

  queueLimit(): number {
    return QUEUE_LIMIT;
  }

  reset(subscriber: Subscriber): Iterator<LiveEvent> {
    return this.broadcaster.reset(subscriber);
  }

  left(subscriber: Subscriber): void {
    this.broadcaster.leave(subscriber.group, subscriber);
    this.fieldUnion.prune(1);
  }

  now(): number {
    return 0;
  }

  waits(): void {}

  reads(): void {}

  #stamp(): ReadStamp {
    const begun = ++this.#order;
    return { begun, answered: ++this.#order, at: 0, fields: ALL, version: this.fieldUnion.version };
  }
}

/** A client that keeps what it is told, and says what does not fit. */
class Client {
  readonly view: ReaderView;
  readonly wrong: string[] = [];
  readonly known = new Map<string, { state: State; fields: Readonly<Record<string, unknown>> }>();
  behind = 0;
  resumed = 0;
  resets = 0;
  #cursor: string | null = null;
  #stream: Subscriber | null = null;
  /** Since a RESET, until the BOOKMARK. */
  #isEmpty = false;
  readonly #stage: Stage;

  constructor(view: ReaderView, stage: Stage) {
    this.view = view;
    this.#stage = stage;
  }

  connect(): void {
    if (this.#stream !== null) return;
    if (this.#cursor !== null) this.resumed += 1;
    this.#stream = this.#stage.subscribe(this.view, this.#cursor);
  }

  async leave(): Promise<void> {
    await this.#stream?.return();
    this.#stream = null;
  }

  async read(events: number): Promise<void> {
    for (let left = events; left > 0 && this.#stream !== null; left -= 1) {
      // Nothing waits: `undefined` wins, and the request must not stay behind, so it is asked only when there is something.
      const pending = this.#stream.next();
      const next = await Promise.race([pending, Promise.resolve(undefined).then(() => undefined)]);
      if (next === undefined) {
        void pending.then((late) => late.done !== true && this.#take(late.value));
        return;
      }
      if (next.done !== true) this.#take(next.value);
    }
  }

  #take(event: LiveEvent): void {
    if (event.cursor?.startsWith('behind')) this.behind += 1;
    if (event.cursor !== null) this.#cursor = event.cursor;
    const { uuid } = event;
    const before = uuid === null ? undefined : this.known.get(uuid);
    const { initial = true, uuids } = this.view;
    switch (event.kind) {
      case 'RESET':
        this.known.clear();
        if (this.#cursor !== null) this.resets += 1;
        this.#cursor = null;
        this.#isEmpty = true;
        break;
      case 'BOOKMARK':
        if (!initial && this.#isEmpty) this.#query();
        this.#isEmpty = false;
        break;
      case 'STALE':
        break;
      case 'REMOVED':
        if (before?.state !== event.previousState) this.wrong.push(`REMOVED ${uuid}, known as ${before?.state}`);
        this.known.delete(event.uuid);
        break;
      case 'INITIAL':
      case 'ADDED':
        if (before !== undefined) this.wrong.push(`${event.kind} ${uuid}, known`);
        this.known.set(event.uuid, event.row);
        break;
      case 'STATE_CHANGED':
      case 'UPDATED':
        if (before?.state !== event.previousState) this.wrong.push(`${event.kind} ${uuid}, known as ${before?.state}`);
        this.known.set(event.uuid, event.row);
        break;
    }
    // A query may show what is sent only later.
    if (!initial) this.wrong.length = 0;
    else if (uuids === undefined && event.totalCount !== null && event.totalCount !== this.known.size)
      this.wrong.push(`${event.kind} ${uuid} counts ${event.totalCount} of ${this.known.size}`);
  }

  #query(): void {
    for (const row of this.#stage.world.values()) if (shows(this.view, row)) this.known.set(row.uuid, row);
  }
}

const uuid = fc.constantFrom('a', 'b', 'c');
const client = fc.nat({ max: VIEWS.length - 1 });
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.constant('put' as const),
      uuid,
      fc.constantFrom<State>('OK', 'UPDATING', 'ERRED'),
      fc.nat({ max: 1 }),
      fc.nat({ max: 1 }),
    ),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant('remove' as const), uuid) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('read' as const), client, fc.integer({ min: 1, max: 4 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('leave' as const), client) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('return' as const), client) },
);

describe('readers of any pace', () => {
  it('end with the true state, in order, whatever they missed', async () => {
    const reached = { behind: 0, resumed: 0, resets: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60, size: 'max' }), async (actions) => {
        const stage = new Stage();
        const clients = VIEWS.map((view) => new Client(view, stage));
        for (const one of clients) one.connect();
        for (const step of actions) {
          if (step[0] === 'put') stage.put(step[1], step[2], step[3], step[4]);
          else if (step[0] === 'remove') stage.remove(step[1]);
          else if (step[0] === 'read') await clients[step[1]]?.read(step[2]);
          else if (step[0] === 'leave') await clients[step[1]]?.leave();
          else clients[step[1]]?.connect();
        }
        for (const one of clients) {
          one.connect();
          await one.read(1_000);
          expect(one.wrong).toEqual([]);
          const { fields } = one.view;
          const pick = (row: { state: State; fields: Readonly<Record<string, unknown>> }) => [
            row.state,
            ...fields.map((field) => row.fields[field]),
          ];
          const truth = [...stage.world.values()].filter((row) => shows(one.view, row));
          expect(Object.fromEntries([...one.known].map(([key, row]) => [key, pick(row)]))).toEqual(
            Object.fromEntries(truth.map((row) => [row.uuid, pick(row)])),
          );
          reached.behind += one.behind;
          reached.resumed += one.resumed;
          reached.resets += one.resets;
        }
      }),
      { numRuns: RUNS, seed: 7 },
    );
    // A test of the test: readers did fall behind, resume and start over.
    for (const count of Object.values(reached)) expect(count).toBeGreaterThan(RUNS / 10);
  }, 600_000);
});
