import type { AbortToken } from '../runtime/abort-token.ts';
import type { Span } from '../runtime/span.ts';
import type { components } from './rest.generated.ts';

/**
 * On whose behalf a call is made. Only these four headers of a client ever go upstream; whatever else an object of this shape
 * carries is not read.
 */
export interface UpstreamCaller {
  /** Tells callers apart; safe for maps and logs. */
  readonly key: string;
  readonly headers: {
    readonly authorization?: string;
    readonly 'x-impersonated-user-uuid'?: string;
    readonly 'x-forwarded-for'?: string;
    readonly 'accept-language'?: string;
  };
}

/** What the calls of one operation share. */
export interface CallContext {
  /** Aborts the call upstream too: the client went away. */
  readonly signal?: AbortToken | undefined;
  /** When all calls of the operation must be done, by the clock that measures durations; without it each call has the overall timeout. */
  readonly deadline?: number | undefined;
  /** The step of the operation in a trace; undefined while tracing is off. */
  readonly span?: Span | undefined;
  /** Sent as X-Request-Id. */
  readonly requestId?: string | undefined;
}

type Schemas = components['schemas'];

/** Columns that hold a state in either spelling; readers of answers bring them to the newer one. */
type StateColumn = 'state' | 'service_settings_state' | 'volume_state';

/**
 * A row as it came: with `field` only the keys asked for are there, and nothing but the outer shape has been checked. A state
 * is in the newer spelling, or whatever Waldur sent when no known version has such a state.
 */
type Sparse<Row> = {
  readonly [Column in keyof Row]?: (Column extends StateColumn ? string : Row[Column]) | undefined;
};

export type RestorationRow = Sparse<Schemas['Restoration']>;
export type SnapshotRow = Sparse<Omit<Schemas['Snapshot'], 'restorations'>> & {
  readonly restorations?: readonly RestorationRow[] | undefined;
};
export type VolumeRow = Sparse<Schemas['Volume']>;
export type TenantRow = Sparse<Schemas['Tenant']>;
export type MeRow = Sparse<Schemas['Me']>;

export type SnapshotField = keyof Schemas['Snapshot'];
export type VolumeField = keyof Schemas['Volume'];

/** Values of `updateSnapshot`; an absent key is left as it is. */
export type SnapshotChanges = Readonly<Schemas['PatchedSnapshotRequest']>;
/** Values of a new snapshot or a replaced one. */
export type SnapshotValues = Readonly<Schemas['SnapshotRequest']>;
/** Values of a volume restored from a snapshot. */
export type RestoreValues = Readonly<Schemas['RestoreRequest']>;
/** Why a snapshot is marked as erred. */
export type ErredReason = Readonly<Schemas['SetErredRequest']>;
/** The instance to attach a volume to. */
export type AttachRequest = Readonly<Schemas['AttachRequest']>;
/** The new size of a volume. */
export type ExtendRequest = Readonly<Schemas['ExtendRequest']>;
