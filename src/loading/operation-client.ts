import type { Caller } from '../auth/caller.ts';
import { GatewayError } from '../errors.ts';
import type {
  SnapshotDetailQuery,
  SnapshotListQuery,
  VolumeDetailQuery,
  VolumeListQuery,
  WaldurClient,
} from '../waldur/client.ts';
import type { SnapshotFilter, VolumeFilter } from '../waldur/filters.ts';
import { writeFields } from '../waldur/paging.ts';
import type { Page } from '../waldur/reads.ts';
import type {
  CallContext,
  ErredReason,
  MeRow,
  RestorationRow,
  RestoreValues,
  SnapshotChanges,
  SnapshotRow,
  SnapshotValues,
  VolumeRow,
} from '../waldur/types.ts';
import { filterText, orderText } from './cache-keys.ts';
import { requireCredentials, withoutCredentials } from './credentials.ts';
import type { Filter, Kind } from './lists.ts';
import type { PageRequest, Rows, Tally, UpstreamOptions } from './request-options.ts';
import type { Reader } from './shared-reads.ts';

type AnyPage = Page<SnapshotRow | VolumeRow>;

/**
 * Waldur, asked for one operation of one caller: with that caller's credentials, the operation's deadline and its abort signal.
 *
 * Without credentials nothing is asked: every method throws UNAUTHENTICATED.
 */
export class OperationClient implements Reader {
  readonly tally: Tally = {
    calls: 0,
    saved: 0,
    oldestAt: Number.POSITIVE_INFINITY,
    stale: false,
    repeatable: true,
  };
  readonly #options: UpstreamOptions;
  #writes = false;

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** A page of a list. Its columns were read from the field tables, its order from the enums, both checked against the schema. */
  list<K extends Kind>(kind: K, request: PageRequest): Promise<Page<Rows[K]>> {
    const { client } = this.#options;
    const { filter, order, page, pageSize, fields } = request;
    const conditions = filterText(filter);
    const question = `list ${kind} ${page} ${pageSize} ${conditions} ${orderText(order)} ${writeFields(fields)}`;
    const ask = (caller: Caller, call: CallContext): Promise<AnyPage> =>
      kind === 'snapshot'
        ? client.listSnapshots(caller, request as SnapshotListQuery, call)
        : client.listVolumes(caller, request as VolumeListQuery, call);
    return this.#read(question, ask).then((answer) => {
      if (answer.total !== undefined) this.#learn(kind, conditions, answer.total);
      return answer as Page<Rows[K]>;
    });
  }

  async count(kind: Kind, filter: Filter): Promise<number> {
    const { client } = this.#options;
    const conditions = filterText(filter);
    const ask = (caller: Caller, call: CallContext): Promise<number> =>
      kind === 'snapshot'
        ? client.countSnapshots(caller, filter as SnapshotFilter, call)
        : client.countVolumes(caller, filter as VolumeFilter, call);
    const total = await this.#read(`count ${kind} ${conditions}`, ask);
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
    return this.#read(question, ask) as Promise<Rows[K] | null>;
  }

  /** Restorations of a snapshot, an Error in the place of one that could not be read; null as for `get`. */
  restorations(snapshotUuid: string): Promise<readonly (RestorationRow | Error)[] | null> {
    const { client } = this.#options;
    const ask = (caller: Caller, call: CallContext) => client.getRestorations(caller, snapshotUuid, call);
    return this.#read(`restorations ${snapshotUuid}`, ask);
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

  /** @throws GatewayError QUERY_TOO_COMPLEX for one call more than allowed. */
  #read<Value>(question: string, ask: (caller: Caller, call: CallContext) => Promise<Value>): Promise<Value> {
    const { shared, call, caller } = this.#options;
    if (!caller.authenticated) return Promise.reject(withoutCredentials());
    if (shared === undefined) return ask(caller, call);
    let asked = false;
    const askNow = (context: CallContext): Promise<Value> => {
      asked = true;
      this.#checkCalls();
      this.tally.calls++;
      return ask(caller, context);
    };
    return shared.reads.read(caller.key, question, call, askNow, this).then((value) => {
      if (!asked) this.tally.saved++;
      return value;
    });
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
