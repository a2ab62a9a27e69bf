import type { Caller } from '../auth/caller.ts';
import type { Cached } from '../cache/memory.ts';
import { GatewayError } from '../errors.ts';
import type {
  SnapshotDetailQuery,
  SnapshotListQuery,
  VolumeDetailQuery,
  VolumeListQuery,
  WaldurClient,
} from '../waldur/client.ts';
import { malformed } from '../waldur/errors.ts';
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
import { parseUuid, uuidFromUrl } from '../waldur/uuid.ts';
import { type Filter, filterKey, type Kind, orderKey, type PageRequest, type Rows } from './list-request.ts';
import type { IsValue, ReadObserver, SharedReads } from './shared-reads.ts';
import type { BusyCallers } from './single-flight.ts';

/** State that the operations of the process share. All of it is kept separate for each caller. */
export interface Shared {
  readonly reads: SharedReads;
  readonly busyCallers: BusyCallers;
  /** Lengths of lists as last seen. The planner works with them; a wrong length costs calls, never correctness. */
  readonly totals: Cached<number>;
}

export interface OperationClientOptions {
  readonly client: WaldurClient;
  readonly caller: Caller;
  readonly call: CallContext;
  /** Without it every read is a call, as polls require. */
  readonly shared?: Shared;
  /** Maximum number of calls of an operation that changes nothing; unlimited by default. */
  readonly maxCalls?: number;
}

/** What an operation read, for `extensions`, metrics and the response cache. */
export interface ReadStats {
  /** Calls to Waldur made for this operation. */
  calls: number;
  /** Reads answered without a call: from the cache, or together with another operation of the same caller. */
  saved: number;
  /** Durations of these calls together, in ms. */
  ms: number;
  /** Request time of the oldest data, by the monotonic clock; Infinity when nothing was read. */
  oldestAt: number;
  /** True when expired data was served because Waldur failed. */
  stale: boolean;
  /** False when the response must not be reused for the next operation. */
  repeatable: boolean;
}

/** @throws GatewayError UNAUTHENTICATED when the caller has no credentials. */
export function requireCredentials(caller: Caller): Caller {
  if (caller.authenticated) return caller;
  throw missingCredentials();
}

const missingCredentials = (): GatewayError =>
  new GatewayError(
    'UNAUTHENTICATED',
    'Send your Waldur credentials: the header "Authorization: Token TOKEN", or Authorization in the connection parameters of a WebSocket.',
  );

/** How many objects of one name are looked at for one that a lost answer may have made. */
const NEWEST_ALIKE = 100;

/** @throws UpstreamError `malformed` for a row without a uuid. */
export function uuidOf({ uuid }: { readonly uuid?: string | undefined }): string {
  const usable = uuid === undefined ? undefined : parseUuid(uuid);
  if (usable === undefined) throw malformed('an object has no uuid');
  return usable;
}

type AnyPage = Page<Rows[Kind]>;

/** Outer shapes of cached values. As with responses of Waldur, single columns are checked where they are used. */
const isRow = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
const isRows = (value: unknown): value is object[] => Array.isArray(value) && value.every(isRow);
const isRowOrNull = (value: unknown): value is object | null => value === null || isRow(value);
const isRowsOrNull = (value: unknown): value is object[] | null => value === null || isRows(value);
const isTotal = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isPage = (value: unknown): value is AnyPage =>
  isRow(value) &&
  'rows' in value &&
  isRows(value.rows) &&
  (!('total' in value) || value.total === undefined || isTotal(value.total));

/**
 * The Waldur client of one operation. It uses the caller's credentials, the operation's deadline and its abort signal.
 *
 * Without credentials it makes no call: every method throws UNAUTHENTICATED.
 */
export class OperationClient implements ReadObserver {
  readonly stats: ReadStats = {
    calls: 0,
    saved: 0,
    ms: 0,
    oldestAt: Number.POSITIVE_INFINITY,
    stale: false,
    repeatable: true,
  };
  readonly #options: OperationClientOptions;
  #writes = false;

  constructor(options: OperationClientOptions) {
    this.#options = options;
  }

  /**
   * A page of a list. Its columns come from the field tables and its order from the enums; both are checked against the schema.
   * @param fresh whether nothing may come from the cache.
   */
  list<K extends Kind>(kind: K, request: PageRequest, fresh = false): Promise<Page<Rows[K]>> {
    const { client } = this.#options;
    const { filter, order, page, pageSize, fields } = request;
    const conditions = filterKey(filter);
    const key = `list ${kind} ${page} ${pageSize} ${conditions} ${orderKey(order)} ${writeFields(fields)}`;
    const of: Kind = kind;
    const send = (caller: Caller, call: CallContext): Promise<AnyPage> => {
      if (of === 'snapshot') return client.listSnapshots(caller, request as SnapshotListQuery, call);
      if (of === 'volume') return client.listVolumes(caller, request as VolumeListQuery, call);
      return client.related[of].list(caller, request, call);
    };
    return this.#read(key, send, isPage, fresh).then((answer) => {
      if (answer.total !== undefined) this.#rememberTotal(kind, conditions, answer.total);
      return answer as Page<Rows[K]>;
    });
  }

  async count(kind: Kind, filter: Filter): Promise<number> {
    const { client } = this.#options;
    const conditions = filterKey(filter);
    const send = (caller: Caller, call: CallContext): Promise<number> => {
      if (kind === 'snapshot') return client.countSnapshots(caller, filter as SnapshotFilter, call);
      if (kind === 'volume') return client.countVolumes(caller, filter as VolumeFilter, call);
      return client.related[kind].count(caller, filter, call);
    };
    const total = await this.#read(`count ${kind} ${conditions}`, send, isTotal);
    this.#rememberTotal(kind, conditions, total);
    return total;
  }

  /** Number of rows that fulfil a filter, if it was seen recently. It is an estimate for planning and never shown to clients. */
  lastTotal(kind: Kind, filter: Filter): number | undefined {
    const { shared, caller } = this.#options;
    return shared?.totals.get(`${caller.key} ${kind} ${filterKey(filter)}`);
  }

  #rememberTotal(kind: Kind, conditions: string, total: number): void {
    const { shared, caller } = this.#options;
    shared?.totals.set(`${caller.key} ${kind} ${conditions}`, total);
  }

  /** null: it does not exist, the caller may not see it, or it does not fulfil the filter. */
  get<K extends Kind>(kind: K, uuid: string, fields: readonly string[], filter?: Filter): Promise<Rows[K] | null> {
    const { client } = this.#options;
    const query = { fields, filter };
    const key = `get ${kind} ${uuid} ${filter === undefined ? '' : filterKey(filter)} ${writeFields(fields)}`;
    const of: Kind = kind;
    const send = (caller: Caller, call: CallContext): Promise<Rows[Kind] | null> => {
      if (of === 'snapshot') return client.getSnapshot(caller, uuid, query as SnapshotDetailQuery, call);
      if (of === 'volume') return client.getVolume(caller, uuid, query as VolumeDetailQuery, call);
      return client.related[of].get(caller, uuid, query, call);
    };
    return this.#read(key, send, isRowOrNull) as Promise<Rows[K] | null>;
  }

  /** Restorations of a snapshot; an Error stands in for one that could not be read. null as for `get`. */
  restorations(snapshotUuid: string): Promise<readonly (RestorationRow | Error)[] | null> {
    const { client } = this.#options;
    const send = (caller: Caller, call: CallContext) => client.getRestorations(caller, snapshotUuid, call);
    return this.#read(`restorations ${snapshotUuid}`, send, isRowsOrNull);
  }

  /** The caller's own user. Never cached. */
  async viewer(): Promise<MeRow> {
    const { client, shared, call } = this.#options;
    const caller = this.#authenticated();
    this.stats.repeatable = false;
    const send = (context: CallContext): Promise<MeRow> => {
      this.stats.calls++;
      return this.#timed(client.me(caller, context));
    };
    return shared === undefined ? send(call) : shared.reads.together(caller.key, 'viewer', call, send);
  }

  restoreSnapshot(uuid: string, values: RestoreValues): Promise<VolumeRow> {
    return this.#write((client, caller, call) => client.restoreSnapshot(caller, uuid, values, call));
  }

  createSnapshot(volumeUuid: string, values: SnapshotValues): Promise<SnapshotRow> {
    return this.#write((client, caller, call) => client.createSnapshot(caller, volumeUuid, values, call));
  }

  /** Volumes of this name that were restored from a snapshot, read from Waldur itself: neither from a cache nor with another operation. */
  async restoredAs(snapshotUuid: string, name: string): Promise<string[]> {
    const { client, call } = this.#options;
    this.stats.calls++;
    const rows = (await client.getRestorations(this.#authenticated(), snapshotUuid, call)) ?? [];
    return rows.flatMap((row) => {
      if (row instanceof Error) throw row;
      const uuid = uuidFromUrl(row.volume ?? '', 'openstack-volumes');
      return uuid !== undefined && row.volume_name === name ? [uuid] : [];
    });
  }

  /** The newest snapshots of a volume with this name, read from Waldur itself: neither from a cache nor with another operation. */
  async snapshotsNamed(sourceVolumeUuid: string, name: string): Promise<string[]> {
    const { client, call } = this.#options;
    this.stats.calls++;
    const { rows } = await client.listSnapshots(
      this.#authenticated(),
      {
        filter: { sourceVolumeUuid, nameExact: name },
        order: [{ field: 'CREATED', direction: 'DESC' }],
        page: 1,
        pageSize: NEWEST_ALIKE,
        fields: ['uuid'],
      },
      call,
    );
    return rows.map((row) => {
      if (row instanceof Error) throw row;
      return uuidOf(row);
    });
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

  attachVolume(uuid: string, instanceUuid: string): Promise<void> {
    return this.#write((client, caller, call) => client.attachVolume(caller, uuid, instanceUuid, call));
  }

  detachVolume(uuid: string): Promise<void> {
    return this.#write((client, caller, call) => client.detachVolume(caller, uuid, call));
  }

  /** @param size the new size in MiB. */
  extendVolume(uuid: string, size: number): Promise<void> {
    return this.#write((client, caller, call) => client.extendVolume(caller, uuid, size, call));
  }

  /** @throws GatewayError QUERY_TOO_COMPLEX for one call more than allowed. */
  #read<Value>(
    key: string,
    send: (caller: Caller, call: CallContext) => Promise<Value>,
    isValue: IsValue<Value>,
    fresh = false,
  ): Promise<Value> {
    const { shared, call, caller } = this.#options;
    if (!caller.authenticated) return Promise.reject(missingCredentials());
    if (shared === undefined) return send(caller, call);
    let called = false;
    const callNow = (context: CallContext): Promise<Value> => {
      called = true;
      this.#checkCalls();
      this.stats.calls++;
      return this.#timed(send(caller, context));
    };
    return shared.reads.read(caller.key, key, call, callNow, isValue, this, fresh).then((value) => {
      if (!called) this.stats.saved++;
      return value;
    });
  }

  onRead(requestedAt: number, stale: boolean): void {
    const { stats } = this;
    stats.oldestAt = Math.min(stats.oldestAt, requestedAt);
    stats.stale ||= stale;
  }

  /** Sends a change. Whatever its outcome, what the caller read before it is not reused after it. */
  async #write<Value>(
    send: (client: WaldurClient, caller: Caller, call: CallContext) => Promise<Value>,
  ): Promise<Value> {
    const { client, shared, call } = this.#options;
    const caller = this.#authenticated();
    this.stats.repeatable = false;
    this.#writes = true;
    this.stats.calls++;
    shared?.busyCallers.enter(caller.key);
    try {
      return await this.#timed(send(client, caller, call));
    } finally {
      shared?.busyCallers.leave(caller.key);
      await shared?.reads.changed(caller.key);
    }
  }

  /** Adds the duration of a call to the stats. */
  #timed<Value>(call: Promise<Value>): Promise<Value> {
    const from = performance.now();
    const over = (): void => {
      this.stats.ms += performance.now() - from;
    };
    call.then(over, over);
    return call;
  }

  /** The estimate before execution refuses most expensive documents. This bound catches what it could not foresee. */
  #checkCalls(): void {
    const { maxCalls } = this.#options;
    if (maxCalls === undefined || this.#writes || this.stats.calls < maxCalls) return;
    throw new GatewayError(
      'QUERY_TOO_COMPLEX',
      `This operation needs more than ${maxCalls} calls to Waldur, which is the maximum. Request fewer objects at a time.`,
    );
  }

  #authenticated(): Caller {
    return requireCredentials(this.#options.caller);
  }
}
