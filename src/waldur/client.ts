import { Calls, type UpstreamState, type WaldurClientOptions } from './calls.ts';
import type { Answer } from './classify.ts';
import { isUpstreamError } from './errors.ts';
import type { FilterValues, SnapshotFilter, VolumeFilter } from './filters.ts';
import { SNAPSHOTS, type SnapshotSortKey, type SortKey, VOLUMES, type VolumeSortKey, writeFields } from './paging.ts';
import type { CallInfo } from './pending-call.ts';
import {
  type BadRow,
  checkAcceptance,
  ME_FIELDS,
  readMe,
  readRestorations,
  readSnapshot,
  readSnapshots,
  readTenant,
  readTenants,
  readVolume,
  readVolumes,
  renamedReaders,
} from './read.ts';
import { type DetailQuery, type ListQuery, type Page, ResourceReads, StateDialect } from './reads.ts';
import { RELATED, type RelatedKind, type RelatedRows } from './related.ts';
import type {
  AttachRequest,
  CallContext,
  ErredReason,
  ExtendRequest,
  MeRow,
  RestorationRow,
  RestoreValues,
  SnapshotChanges,
  SnapshotField,
  SnapshotRow,
  SnapshotValues,
  UpstreamCaller,
  VolumeField,
  VolumeRow,
} from './types.ts';
import { requireUuid } from './uuid.ts';

export type {
  BadRow,
  CallContext,
  CallInfo,
  DetailQuery,
  ListQuery,
  Page,
  UpstreamCaller,
  UpstreamState,
  WaldurClientOptions,
};

export type SnapshotListQuery = ListQuery<SnapshotFilter, SnapshotSortKey, SnapshotField>;
export type VolumeListQuery = ListQuery<VolumeFilter, VolumeSortKey, VolumeField>;
export type SnapshotDetailQuery = DetailQuery<SnapshotFilter, SnapshotField>;
export type VolumeDetailQuery = DetailQuery<VolumeFilter, VolumeField>;

/**
 * Waldur's REST API as the gateway uses it; nothing else in the gateway speaks HTTP to it. Every method acts for one caller with
 * that caller's own credentials and throws `UpstreamError` when it fails; uuids are checked before anything is sent.
 */
export interface WaldurClient {
  listSnapshots(caller: UpstreamCaller, query: SnapshotListQuery, context?: CallContext): Promise<Page<SnapshotRow>>;
  countSnapshots(caller: UpstreamCaller, filter: SnapshotFilter | undefined, context?: CallContext): Promise<number>;
  /** null: no such snapshot, not visible, or not fulfilling the filter. */
  getSnapshot(
    caller: UpstreamCaller,
    uuid: string,
    query?: SnapshotDetailQuery,
    context?: CallContext,
  ): Promise<SnapshotRow | null>;
  /** Every restoration of a snapshot, in no defined order; null: no such snapshot or not visible. */
  getRestorations(
    caller: UpstreamCaller,
    snapshotUuid: string,
    context?: CallContext,
  ): Promise<readonly (RestorationRow | BadRow)[] | null>;
  listVolumes(caller: UpstreamCaller, query: VolumeListQuery, context?: CallContext): Promise<Page<VolumeRow>>;
  countVolumes(caller: UpstreamCaller, filter: VolumeFilter | undefined, context?: CallContext): Promise<number>;
  /** null: no such volume, not visible, or not fulfilling the filter. */
  getVolume(
    caller: UpstreamCaller,
    uuid: string,
    query?: VolumeDetailQuery,
    context?: CallContext,
  ): Promise<VolumeRow | null>;
  /** Objects that snapshots and volumes belong to. `get` returns null for one that does not exist or is not visible. */
  readonly related: RelatedReads;
  /** The caller; the API token is neither asked for nor kept. */
  me(caller: UpstreamCaller, context?: CallContext): Promise<MeRow>;

  /** The new volume, which the worker will fill. */
  restoreSnapshot(
    caller: UpstreamCaller,
    uuid: string,
    values: RestoreValues,
    context?: CallContext,
  ): Promise<VolumeRow>;
  createSnapshot(
    caller: UpstreamCaller,
    volumeUuid: string,
    values: SnapshotValues,
    context?: CallContext,
  ): Promise<SnapshotRow>;
  /** Changes what is given (PATCH). */
  updateSnapshot(
    caller: UpstreamCaller,
    uuid: string,
    changes: SnapshotChanges,
    context?: CallContext,
  ): Promise<SnapshotRow>;
  /** PUT; Waldur leaves what is absent as it is. */
  replaceSnapshot(
    caller: UpstreamCaller,
    uuid: string,
    values: SnapshotValues,
    context?: CallContext,
  ): Promise<SnapshotRow>;
  /** Resolves when the deletion is scheduled; the snapshot is still there. */
  deleteSnapshot(caller: UpstreamCaller, uuid: string, context?: CallContext): Promise<void>;
  /** Resolves when the pull is scheduled. */
  pullSnapshot(caller: UpstreamCaller, uuid: string, context?: CallContext): Promise<void>;
  unlinkSnapshot(caller: UpstreamCaller, uuid: string, context?: CallContext): Promise<void>;
  setSnapshotOk(caller: UpstreamCaller, uuid: string, context?: CallContext): Promise<void>;
  setSnapshotErred(caller: UpstreamCaller, uuid: string, reason: ErredReason, context?: CallContext): Promise<void>;

  /** Resolves when the attachment is scheduled. */
  attachVolume(caller: UpstreamCaller, uuid: string, instanceUuid: string, context?: CallContext): Promise<void>;
  /** Resolves when the detachment is scheduled. */
  detachVolume(caller: UpstreamCaller, uuid: string, context?: CallContext): Promise<void>;
  /** Resolves when the extension is scheduled; the volume already has the new size, in MiB. */
  extendVolume(caller: UpstreamCaller, uuid: string, size: number, context?: CallContext): Promise<void>;

  readonly state: UpstreamState;
  /** Whether Waldur sends a response other than 5xx. Sent without credentials. */
  probe(): Promise<boolean>;
  /** The version of Waldur; undefined when this caller may not read it, or when it does not come in time. */
  version(caller: UpstreamCaller, timeoutMs: number): Promise<string | undefined>;
  /** Aborts running calls and closes all connections. */
  close(): Promise<void>;
}

type RelatedReads = {
  readonly [Kind in RelatedKind]: Pick<
    ResourceReads<RelatedRows[Kind], FilterValues, SortKey<string>, string>,
    'list' | 'count' | 'get'
  >;
};

/** Reads of each kind of `RELATED`. */
function createRelatedReads(calls: Calls, dialect: StateDialect): RelatedReads {
  const reads = <Kind extends RelatedKind>(kind: Kind): RelatedReads[Kind] => {
    const { columns = {} } = RELATED[kind];
    return new ResourceReads(calls, dialect, RELATED[kind], renamedReaders<RelatedRows[Kind]>(columns));
  };
  return {
    tenant: new ResourceReads(calls, dialect, RELATED.tenant, { one: readTenant, many: readTenants }),
    project: reads('project'),
    customer: reads('customer'),
    serviceSettings: reads('serviceSettings'),
    instance: reads('instance'),
    volumeType: reads('volumeType'),
    availabilityZone: reads('availabilityZone'),
    image: reads('image'),
  };
}

const NO_CONTEXT: CallContext = {};
const ME_PATH = `users/me/?${writeFields(ME_FIELDS)}`;

type WriteMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A client of one Waldur. @throws TypeError when `url` is no address. */
export function createWaldurClient(options: WaldurClientOptions): WaldurClient {
  const calls = new Calls(options);
  const dialect = new StateDialect();
  const snapshots = new ResourceReads<SnapshotRow, SnapshotFilter, SnapshotSortKey, SnapshotField>(
    calls,
    dialect,
    SNAPSHOTS,
    { one: readSnapshot, many: readSnapshots },
  );
  const volumes = new ResourceReads<VolumeRow, VolumeFilter, VolumeSortKey, VolumeField>(calls, dialect, VOLUMES, {
    one: readVolume,
    many: readVolumes,
  });

  /** Never with `field`: Waldur would drop the change without a word (contract 2.4). */
  const write = async <Value>(
    read: (answer: Answer) => Value,
    caller: UpstreamCaller,
    method: WriteMethod,
    [kind, uuid, action]: readonly [kind: string, uuid: string, action: string],
    body: unknown,
    context: CallContext,
  ): Promise<Value> => {
    const path = `${kind}${requireUuid(uuid)}/${action}`;
    return calls.send(caller, { method, route: `/api/${kind}{uuid}/${action}`, path, body }, context, read);
  };

  return {
    listSnapshots: (caller, query, context = NO_CONTEXT) => snapshots.list(caller, query, context),
    countSnapshots: (caller, filter, context = NO_CONTEXT) => snapshots.count(caller, filter, context),
    getSnapshot: (caller, uuid, query = {}, context = NO_CONTEXT) => snapshots.get(caller, uuid, query, context),
    async getRestorations(caller, snapshotUuid, context = NO_CONTEXT) {
      const path = `${SNAPSHOTS.path}${requireUuid(snapshotUuid)}/restorations/`;
      const route = `/api/${SNAPSHOTS.path}{uuid}/restorations/`;
      try {
        return await calls.send(caller, { method: 'GET', route, path }, context, readRestorations);
      } catch (error) {
        if (isUpstreamError(error) && error.kind === 'not-found') return null;
        throw error;
      }
    },
    listVolumes: (caller, query, context = NO_CONTEXT) => volumes.list(caller, query, context),
    countVolumes: (caller, filter, context = NO_CONTEXT) => volumes.count(caller, filter, context),
    getVolume: (caller, uuid, query = {}, context = NO_CONTEXT) => volumes.get(caller, uuid, query, context),
    related: createRelatedReads(calls, dialect),
    me: (caller, context = NO_CONTEXT) =>
      calls.send(caller, { method: 'GET', route: '/api/users/me/', path: ME_PATH }, context, readMe),

    restoreSnapshot: (caller, uuid, values, context = NO_CONTEXT) =>
      write(readVolume, caller, 'POST', [SNAPSHOTS.path, uuid, 'restore/'], values, context),
    createSnapshot: (caller, volumeUuid, values, context = NO_CONTEXT) =>
      write(readSnapshot, caller, 'POST', [VOLUMES.path, volumeUuid, 'snapshot/'], values, context),
    updateSnapshot: (caller, uuid, changes, context = NO_CONTEXT) =>
      write(readSnapshot, caller, 'PATCH', [SNAPSHOTS.path, uuid, ''], changes, context),
    replaceSnapshot: (caller, uuid, values, context = NO_CONTEXT) =>
      write(readSnapshot, caller, 'PUT', [SNAPSHOTS.path, uuid, ''], values, context),
    deleteSnapshot: (caller, uuid, context = NO_CONTEXT) =>
      write(checkAcceptance, caller, 'DELETE', [SNAPSHOTS.path, uuid, ''], undefined, context),
    pullSnapshot: (caller, uuid, context = NO_CONTEXT) =>
      write(checkAcceptance, caller, 'POST', [SNAPSHOTS.path, uuid, 'pull/'], undefined, context),
    unlinkSnapshot: (caller, uuid, context = NO_CONTEXT) =>
      write(checkAcceptance, caller, 'POST', [SNAPSHOTS.path, uuid, 'unlink/'], undefined, context),
    setSnapshotOk: (caller, uuid, context = NO_CONTEXT) =>
      write(checkAcceptance, caller, 'POST', [SNAPSHOTS.path, uuid, 'set_ok/'], undefined, context),
    setSnapshotErred: (caller, uuid, reason, context = NO_CONTEXT) =>
      write(checkAcceptance, caller, 'POST', [SNAPSHOTS.path, uuid, 'set_erred/'], reason, context),

    async attachVolume(caller, uuid, instanceUuid, context = NO_CONTEXT) {
      const body: AttachRequest = { instance: `/api/openstack-instances/${requireUuid(instanceUuid)}/` };
      return write(checkAcceptance, caller, 'POST', [VOLUMES.path, uuid, 'attach/'], body, context);
    },
    detachVolume: (caller, uuid, context = NO_CONTEXT) =>
      write(checkAcceptance, caller, 'POST', [VOLUMES.path, uuid, 'detach/'], undefined, context),
    extendVolume(caller, uuid, size, context = NO_CONTEXT) {
      const body: ExtendRequest = { disk_size: size };
      return write(checkAcceptance, caller, 'POST', [VOLUMES.path, uuid, 'extend/'], body, context);
    },

    get state() {
      return calls.state;
    },
    probe: () => calls.probe(),
    version: (caller, timeoutMs) => calls.version(caller, timeoutMs),
    close: () => calls.close(),
  };
}
