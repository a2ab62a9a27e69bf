import type { Caller } from '../auth/caller.ts';
import { GatewayError } from '../errors.ts';
import type {
  SnapshotDetailQuery,
  SnapshotListQuery,
  VolumeDetailQuery,
  VolumeListQuery,
  WaldurClient,
} from '../waldur/client.ts';
import { isUpstreamError } from '../waldur/errors.ts';
import type { SnapshotFilter, VolumeFilter } from '../waldur/filters.ts';
import { writeFields } from '../waldur/paging.ts';
import { type Page, TextPage } from '../waldur/reads.ts';
import type {
  ErredReason,
  MeRow,
  RestorationRow,
  RestoreValues,
  SnapshotChanges,
  SnapshotRow,
  SnapshotValues,
  VolumeRow,
} from '../waldur/rows.ts';
import type { CallContext } from '../waldur/types.ts';
import type { Accepts, PageRequest, Rows, Tally, UpstreamOptions } from './asking.ts';
import { requireCredentials, withoutCredentials } from './credentials.ts';
import { Held } from './held.ts';
import { filterText, orderText } from './identity.ts';
import type { Filter, Kind } from './lists.ts';
import type { Reader, Reads } from './reads.ts';

type AnyPage = Page<SnapshotRow | VolumeRow> | TextPage<SnapshotRow | VolumeRow>;

/**
 * Waldur, asked for one operation of one caller: with that caller's credentials, the operation's deadline and its abort signal.
 *
 * Without credentials nothing is asked: every method throws UNAUTHENTICATED.
 */
export class Upstream implements Reader {
  readonly tally: Tally = { calls: 0, saved: 0, oldestAt: Number.POSITIVE_INFINITY, stale: false, repeatable: true };
  readonly #options: UpstreamOptions;
  readonly #held = new Held();
  #writes = false;

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** The operation has been answered and nothing of it runs any more: it lets go of the rows that it read. */
  release(): void {
    this.#held.release();
  }

  /** Takes a list that was made of rows for this operation alone, to let go of it with the others. */
  own<Item>(list: Item[]): Item[] {
    this.#held.add(list);
    return list;
  }

  /**
   * A page of a list as it came, if somebody can make use of it; else as `list`. One that nobody accepts is read at once: it may be no list,
   * and must not be kept then.
   */
  listText<K extends Kind>(
    kind: K,
    request: PageRequest,
    accepts: Accepts,
  ): Promise<Page<Rows[K]> | TextPage<Rows[K]>> {
    const { client, shared } = this.#options;
    // What other processes are given has no methods.
    if (shared?.reads.isShared) return this.list(kind, request);
    const ask = (caller: Caller, call: CallContext): Promise<AnyPage> => {
      const page: Promise<AnyPage> =
        kind === 'snapshot'
          ? client.listSnapshotText(caller, request as SnapshotListQuery, call)
          : client.listVolumeText(caller, request as VolumeListQuery, call);
      // Judged before it is kept. Never where it comes in, within the network's own calls: all of the answers that wait there together
      // would be printed before the first is sent.
      return shared?.reads.keeps ? page.then((answer) => this.#judged(answer, accepts)) : page;
    };
    return this.#list(kind, request, ask, accepts) as Promise<Page<Rows[K]> | TextPage<Rows[K]>>;
  }

  /** Rows of a page that have one of these uuids; there may be others among them. They are not read where that can be told without. */
  async pick<K extends Kind>(kind: K, request: PageRequest, uuids: ReadonlySet<string>): Promise<Page<Rows[K]>> {
    // A page is looked at before it is kept, and by each who waited for it. Its rows are picked once: these are of this text.
    let text: string | undefined;
    let picked: ReturnType<TextPage<unknown>['pick']>;
    const pickFrom = (page: TextPage<unknown>): typeof picked => {
      if (text !== page.text) picked = page.pick(uuids);
      text = page.text;
      return picked;
    };
    const page = await this.listText(kind, request, (page) => pickFrom(page) !== undefined);
    if (!(page instanceof TextPage)) return page;
    const rows = (pickFrom(page) ?? page.read()) as Page<Rows[K]>['rows'][number][];
    text = undefined;
    return { rows: this.own(rows), total: page.total };
  }

  /** A page of a list. Its columns were read from the field tables, its order from the enums, both checked against the schema. */
  list<K extends Kind>(kind: K, request: PageRequest): Promise<Page<Rows[K]>> {
    const { client } = this.#options;
    const ask = (caller: Caller, call: CallContext): Promise<AnyPage> =>
      kind === 'snapshot'
        ? client.listSnapshots(caller, request as SnapshotListQuery, call)
        : client.listVolumes(caller, request as VolumeListQuery, call);
    return this.#list(kind, request, ask, never) as Promise<Page<Rows[K]>>;
  }

  #list(
    kind: Kind,
    { filter, order, page, pageSize, fields }: PageRequest,
    ask: (caller: Caller, call: CallContext) => Promise<AnyPage>,
    accepts: Accepts,
  ): Promise<AnyPage> {
    const conditions = filterText(filter);
    const question = `list ${kind} ${page} ${pageSize} ${conditions} ${orderText(order)} ${writeFields(fields)}`;
    return this.#read(question, ask, (answer) => {
      if (answer.total !== undefined) this.#learn(kind, conditions, answer.total);
      this.#held.add(answer instanceof TextPage ? answer : answer.rows);
      // It may have been read for somebody else, who accepts others.
      return this.#judged(answer, accepts);
    });
  }

  #judged(page: AnyPage, accepts: Accepts): AnyPage {
    return page instanceof TextPage && !accepts(page) ? { rows: this.own(page.read()), total: page.total } : page;
  }

  async count(kind: Kind, filter: Filter): Promise<number> {
    const { client } = this.#options;
    const conditions = filterText(filter);
    const ask = (caller: Caller, call: CallContext): Promise<number> =>
      kind === 'snapshot'
        ? client.countSnapshots(caller, filter as SnapshotFilter, call)
        : client.countVolumes(caller, filter as VolumeFilter, call);
    const total = await this.#read(`count ${kind} ${conditions}`, ask, same);
    this.#learn(kind, conditions, total);
    return total;
  }

  /** How many rows fulfil a filter, if that was seen lately: good enough to plan with, not to show. */
  lastTotal(kind: Kind, filter: Filter): number | undefined {
    const { shared, caller } = this.#options;
    return shared?.totals.recall(`${caller.key} ${kind} ${filterText(filter)}`);
  }

  #learn(kind: Kind, conditions: string, total: number): void {
    const { shared, caller } = this.#options;
    shared?.totals.learn(`${caller.key} ${kind} ${conditions}`, total);
  }

  /** null: it does not exist, the caller may not see it, or it does not fulfil the filter. */
  get<K extends Kind>(kind: K, uuid: string, fields: readonly string[], filter?: Filter): Promise<Rows[K] | null> {
    const { client } = this.#options;
    const query = { fields, filter };
    const question = `get ${kind} ${uuid} ${filter === undefined ? '' : filterText(filter)} ${writeFields(fields)}`;
    const ask = (caller: Caller, call: CallContext): Promise<SnapshotRow | VolumeRow | null> =>
      kind === 'snapshot'
        ? client.getSnapshot(caller, uuid, query as SnapshotDetailQuery, call)
        : client.getVolume(caller, uuid, query as VolumeDetailQuery, call);
    return this.#read(question, ask, same) as Promise<Rows[K] | null>;
  }

  /** Restorations of a snapshot, an Error in the place of one that could not be read; null as for `get`. */
  async restorations(snapshotUuid: string): Promise<readonly (RestorationRow | Error)[] | null> {
    const { client } = this.#options;
    const ask = (caller: Caller, call: CallContext) => client.getRestorations(caller, snapshotUuid, call);
    return this.#read(`restorations ${snapshotUuid}`, ask, (rows) => {
      if (rows !== null) this.#held.add(rows);
      return rows;
    });
  }

  /** The caller's own user, as it is now; given up when nobody waits for it any more. */
  async viewer(): Promise<MeRow> {
    const { client, shared, call } = this.#options;
    const caller = this.#authenticated();
    this.tally.repeatable = false;
    const ask = (context: CallContext): Promise<MeRow> => {
      this.tally.calls++;
      return client.me(caller, context);
    };
    return shared === undefined ? ask(call) : shared.reads.together(caller.key, 'viewer', call, ask);
  }

  restoreSnapshot(uuid: string, values: RestoreValues): Promise<VolumeRow> {
    return this.#write((client, caller, call) => client.restoreSnapshot(caller, uuid, values, call));
  }

  createSnapshot(volumeUuid: string, values: SnapshotValues): Promise<SnapshotRow> {
    return this.#write((client, caller, call) => client.createSnapshot(caller, volumeUuid, values, call));
  }

  updateSnapshot(uuid: string, changes: SnapshotChanges): Promise<SnapshotRow> {
    return this.#write((client, caller, call) => client.updateSnapshot(caller, uuid, changes, call));
  }

  replaceSnapshot(uuid: string, values: SnapshotValues): Promise<SnapshotRow> {
    return this.#write((client, caller, call) => client.replaceSnapshot(caller, uuid, values, call));
  }

  deleteSnapshot(uuid: string): Promise<void> {
    return this.#write((client, caller, call) => client.deleteSnapshot(caller, uuid, call));
  }

  pullSnapshot(uuid: string): Promise<void> {
    return this.#write((client, caller, call) => client.pullSnapshot(caller, uuid, call));
  }

  unlinkSnapshot(uuid: string): Promise<void> {
    return this.#write((client, caller, call) => client.unlinkSnapshot(caller, uuid, call));
  }

  setSnapshotOk(uuid: string): Promise<void> {
    return this.#write((client, caller, call) => client.setSnapshotOk(caller, uuid, call));
  }

  setSnapshotErred(uuid: string, reason: ErredReason): Promise<void> {
    return this.#write((client, caller, call) => client.setSnapshotErred(caller, uuid, reason, call));
  }

  /**
   * @param take is given what was read.
   * @throws GatewayError QUERY_TOO_COMPLEX for one call more than allowed.
   */
  #read<Value, Taken>(
    question: string,
    ask: (caller: Caller, call: CallContext) => Promise<Value>,
    take: (value: Value) => Taken,
  ): Promise<Taken> {
    const { shared, call, caller } = this.#options;
    if (!caller.authenticated) return Promise.reject(withoutCredentials());
    if (shared === undefined) return ask(caller, call).then(take);
    let asked = false;
    const askNow = (context: CallContext): Promise<Value> => {
      asked = true;
      this.#checkCalls();
      this.tally.calls++;
      return ask(caller, context);
    };
    return shared.reads.read(caller.key, question, call, askNow, this).then((value) => {
      try {
        const taken = take(value);
        if (!asked) this.tally.saved++;
        return taken;
      } catch (error) {
        // What was asked for just now is what Waldur says; but for what was kept of it when it says nothing.
        if (!isUpstreamError(error) || (asked && !this.tally.stale)) throw error;
        return this.#readAnew(shared.reads, question, askNow, take);
      }
    });
  }

  /** A page was kept, or asked for, by an operation that needed some of its rows. Whoever needs others finds that it is none: it must not stay. */
  async #readAnew<Value, Taken>(
    reads: Reads,
    question: string,
    ask: (call: CallContext) => Promise<Value>,
    take: (value: Value) => Taken,
  ): Promise<Taken> {
    const { caller, call } = this.#options;
    await reads.forget(caller.key, question);
    return take(await reads.read(caller.key, question, call, ask, this));
  }

  /** Told by who reads for it. */
  noted(at: number, stale: boolean): void {
    const { tally } = this;
    tally.oldestAt = Math.min(tally.oldestAt, at);
    tally.stale ||= stale;
  }

  /** A change. What the caller read before it serves nobody after it, however it ends. */
  async #write<Value>(
    send: (client: WaldurClient, caller: Caller, call: CallContext) => Promise<Value>,
  ): Promise<Value> {
    const { client, shared, call } = this.#options;
    const caller = this.#authenticated();
    this.tally.repeatable = false;
    this.#writes = true;
    this.tally.calls++;
    shared?.activity.enter(caller.key);
    try {
      return await send(client, caller, call);
    } finally {
      shared?.activity.leave(caller.key);
      await shared?.reads.changed(caller.key);
    }
  }

  /** Behind the estimate that refuses a document before it runs: what could not be foreseen ends here. */
  #checkCalls(): void {
    const { maxCalls } = this.#options;
    if (maxCalls === undefined || this.#writes || this.tally.calls < maxCalls) return;
    throw new GatewayError(
      'QUERY_TOO_COMPLEX',
      `This operation needs more than ${maxCalls} calls to Waldur, the most allowed. Ask for fewer objects at a time.`,
    );
  }

  #authenticated(): Caller {
    return requireCredentials(this.#options.caller);
  }
}

const same = <Value>(value: Value): Value => value;
const never: Accepts = () => false;
