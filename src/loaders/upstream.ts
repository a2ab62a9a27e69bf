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
import type { Page } from '../waldur/reads.ts';
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
import type { Activity } from './activity.ts';
import type { Filter, Kind, Order } from './lists.ts';

export type { MeRow };

/** The row of each kind of resource. */
export interface Rows {
  readonly snapshot: SnapshotRow;
  readonly volume: VolumeRow;
}

export interface PageRequest {
  readonly filter: Filter;
  readonly order: Order;
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly fields: readonly string[];
}

/**
 * Waldur, asked for one operation of one caller: with that caller's credentials, the operation's deadline and its abort signal.
 *
 * Without credentials nothing is asked: every method throws UNAUTHENTICATED.
 */
export class Upstream {
  readonly #client: WaldurClient;
  readonly #caller: Caller;
  readonly #call: CallContext;
  readonly #activity: Activity | undefined;

  /** @param activity where calls are counted as the caller's own; polls on the caller's behalf are not. */
  constructor(client: WaldurClient, caller: Caller, call: CallContext, activity?: Activity) {
    this.#client = client;
    this.#caller = caller;
    this.#call = call;
    this.#activity = activity;
  }

  /** A page of a list. Its columns were read from the field tables, its order from the enums, both checked against the schema. */
  async list<K extends Kind>(kind: K, request: PageRequest): Promise<Page<Rows[K]>> {
    const caller = this.#authenticated();
    const page: Page<SnapshotRow | VolumeRow> = await this.#counted(
      kind === 'snapshot'
        ? this.#client.listSnapshots(caller, request as SnapshotListQuery, this.#call)
        : this.#client.listVolumes(caller, request as VolumeListQuery, this.#call),
    );
    return page as Page<Rows[K]>;
  }

  async count(kind: Kind, filter: Filter): Promise<number> {
    const caller = this.#authenticated();
    return this.#counted(
      kind === 'snapshot'
        ? this.#client.countSnapshots(caller, filter as SnapshotFilter, this.#call)
        : this.#client.countVolumes(caller, filter as VolumeFilter, this.#call),
    );
  }

  /** null: it does not exist, the caller may not see it, or it does not fulfil the filter. */
  async get<K extends Kind>(
    kind: K,
    uuid: string,
    fields: readonly string[],
    filter?: Filter,
  ): Promise<Rows[K] | null> {
    const caller = this.#authenticated();
    const query = { fields, filter };
    const row: SnapshotRow | VolumeRow | null = await this.#counted<SnapshotRow | VolumeRow | null>(
      kind === 'snapshot'
        ? this.#client.getSnapshot(caller, uuid, query as SnapshotDetailQuery, this.#call)
        : this.#client.getVolume(caller, uuid, query as VolumeDetailQuery, this.#call),
    );
    return row as Rows[K] | null;
  }

  /** Restorations of a snapshot, an Error in the place of one that could not be read; null as for `get`. */
  async restorations(snapshotUuid: string): Promise<readonly (RestorationRow | Error)[] | null> {
    return this.#counted(this.#client.getRestorations(this.#authenticated(), snapshotUuid, this.#call));
  }

  /** The caller's own user. Not given up when this operation's client goes away: other operations wait for the same answer. */
  async viewer(): Promise<MeRow> {
    return this.#counted(this.#client.me(this.#authenticated(), { ...this.#call, signal: undefined }));
  }

  async restoreSnapshot(uuid: string, values: RestoreValues): Promise<VolumeRow> {
    return this.#counted(this.#client.restoreSnapshot(this.#authenticated(), uuid, values, this.#call));
  }

  async createSnapshot(volumeUuid: string, values: SnapshotValues): Promise<SnapshotRow> {
    return this.#counted(this.#client.createSnapshot(this.#authenticated(), volumeUuid, values, this.#call));
  }

  async updateSnapshot(uuid: string, changes: SnapshotChanges): Promise<SnapshotRow> {
    return this.#counted(this.#client.updateSnapshot(this.#authenticated(), uuid, changes, this.#call));
  }

  async replaceSnapshot(uuid: string, values: SnapshotValues): Promise<SnapshotRow> {
    return this.#counted(this.#client.replaceSnapshot(this.#authenticated(), uuid, values, this.#call));
  }

  async deleteSnapshot(uuid: string): Promise<void> {
    return this.#counted(this.#client.deleteSnapshot(this.#authenticated(), uuid, this.#call));
  }

  async pullSnapshot(uuid: string): Promise<void> {
    return this.#counted(this.#client.pullSnapshot(this.#authenticated(), uuid, this.#call));
  }

  async unlinkSnapshot(uuid: string): Promise<void> {
    return this.#counted(this.#client.unlinkSnapshot(this.#authenticated(), uuid, this.#call));
  }

  async setSnapshotOk(uuid: string): Promise<void> {
    return this.#counted(this.#client.setSnapshotOk(this.#authenticated(), uuid, this.#call));
  }

  async setSnapshotErred(uuid: string, reason: ErredReason): Promise<void> {
    return this.#counted(this.#client.setSnapshotErred(this.#authenticated(), uuid, reason, this.#call));
  }

  #counted<Value>(call: Promise<Value>): Promise<Value> {
    return this.#activity === undefined ? call : this.#activity.during(this.#caller.key, call);
  }

  /** @throws GatewayError UNAUTHENTICATED when the caller has no credentials. */
  requireCredentials(): void {
    this.#authenticated();
  }

  #authenticated(): Caller {
    if (this.#caller.authenticated) return this.#caller;
    throw new GatewayError(
      'UNAUTHENTICATED',
      'Send your Waldur credentials: the header "Authorization: Token TOKEN", or Authorization in the parameters of a socket.',
    );
  }
}
