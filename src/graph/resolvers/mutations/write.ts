import type { GraphQLResolveInfo } from 'graphql';
import { strip } from '../../../domain/strip.ts';
import { GatewayError } from '../../../errors.ts';
import type { Filter } from '../../../loading/list-request.ts';
import { uuidOf } from '../../../loading/operation-client.ts';
import type { GraphContext } from '../../context.ts';
import type { UserError } from '../../generated.ts';
import { liveRow } from '../../live-adapter.ts';
import type { SnapshotRow, VolumeRow } from '../../nodes.ts';
import { selectedFields, selectingOf, selectsOnly } from '../../selection.ts';
import { type Endpoint, userErrorsOf } from './user-errors.ts';

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly userErrors: UserError[] };

export interface Write<Value> {
  readonly send: () => Promise<Value>;
  /** The objects that the write changes, from its result if there is one. */
  readonly touches: (value?: Value) => readonly Touched[];
  /** Describes the current state of the object, for the error message when the response to the write was lost. */
  readonly readBack: () => Promise<string>;
}

export interface Touched {
  readonly kind: 'snapshot' | 'volume';
  readonly uuid: string;
  /** The complete object, if the response to the write contains it. */
  readonly row?: object | undefined;
}

/**
 * Sends one write. Refusals by Waldur are returned as user errors; all other failures are thrown. The caller's subscriptions see
 * the change immediately, and everything that the operation has read is forgotten, because it may be out of date.
 */
export async function write<Value>(
  context: GraphContext,
  info: GraphQLResolveInfo,
  endpoint: Endpoint,
  { send, touches, readBack }: Write<Value>,
): Promise<Outcome<Value>> {
  const mark = context.live.mark();
  const nudge = (value?: Value): void => {
    for (const { kind, uuid, row } of touches(value)) {
      context.live.nudge(context.caller.key, { kind, uuid, mark, row: row ? (liveRow(row)[0] ?? null) : null });
    }
  };
  try {
    const value = await send();
    nudge(value);
    return { ok: true, value };
  } catch (error) {
    const userErrors = userErrorsOf(endpoint, error);
    if (userErrors !== undefined) return { ok: false, userErrors };
    if (error instanceof GatewayError && error.code === 'UPSTREAM_OUTCOME_UNKNOWN') {
      nudge();
      const seen = await readBack().catch(() => 'Its current state could not be read either.');
      throw new GatewayError(error.code, `${error.message} ${seen}`, error.details, { cause: error });
    }
    throw error;
  } finally {
    context.loaders(info).clear();
  }
}

const OTHER_INPUT: UserError = {
  code: 'VALIDATION',
  field: 'idempotencyKey',
  message: 'This idempotencyKey was used with another input. Use a new key for another object.',
};

/**
 * Sends a write that makes an object, at most once if the client gave a key.
 * @param read reads the object that an earlier use of the key made.
 */
export async function once<Row extends { readonly uuid?: string | undefined }>(
  context: GraphContext,
  scope: Endpoint,
  key: string | null | undefined,
  creation: {
    readonly input: readonly unknown[];
    readonly alike: () => Promise<readonly string[]>;
    readonly send: () => Promise<Outcome<Row>>;
    readonly read: (uuid: string) => Promise<Row | null>;
  },
): Promise<Outcome<Row | null>> {
  if (key === null || key === undefined) return creation.send();
  let made: Row | undefined;
  const use = await context.idempotency.once<UserError[]>(context.caller, scope, key, {
    ...creation,
    async send() {
      const sent = await creation.send();
      if (!sent.ok) return { kind: 'refused', refusal: sent.userErrors };
      made = sent.value;
      return { kind: 'made', uuid: uuidOf(made) };
    },
  });
  switch (use.kind) {
    case 'made':
      return { ok: true, value: made ?? (await creation.read(use.uuid)) };
    case 'refused':
      return { ok: false, userErrors: use.refusal };
    case 'other-input':
      return { ok: false, userErrors: [OTHER_INPUT] };
  }
}

const readBack =
  (kind: 'snapshot' | 'volume') => (context: GraphContext, uuid: string) => async (): Promise<string> => {
    const row = await context.upstream.get(kind, uuid, ['uuid', 'state']);
    return row === null ? `The ${kind} does not exist now.` : `The ${kind} is now in state ${String(row.state)}.`;
  };

/** Describes a snapshot that was to be changed. */
export const readBackSnapshot = readBack('snapshot');

/** Describes a volume that was to be changed. */
export const readBackVolume = readBack('volume');

/**
 * Describes an object that was to be created: the newest of that name. Nothing proves that this write created it, so the message
 * gives its time of creation, from which a person can judge.
 */
export const readBackNamed =
  (context: GraphContext, kind: 'snapshot' | 'volume', name: string, within: Filter = {}) =>
  async (): Promise<string> => {
    const { rows } = await context.upstream.list(kind, {
      filter: { ...within, nameExact: strip(name) },
      order: [{ field: 'CREATED', direction: 'DESC' }],
      page: 1,
      pageSize: 1,
      fields: ['uuid', 'state', 'created'],
    });
    const [newest] = rows;
    if (newest === undefined) return `There is no ${kind} named ${JSON.stringify(name)} now.`;
    if (newest instanceof Error) throw newest;
    const { uuid, created, state } = newest;
    return `The newest ${kind} named ${JSON.stringify(name)} is ${String(uuid)}, created ${String(created)}, in state ${String(state)}.`;
  };

/**
 * The current snapshot for a payload. A payload that selects only ids, or no snapshot, costs no call.
 * @returns null when it no longer exists.
 */
export function snapshotNow(
  context: GraphContext,
  info: GraphQLResolveInfo,
  uuid: string,
): Promise<SnapshotRow | null> {
  const selected = payloadFields(info, 'snapshot');
  const idsOnly = selectsOnly(selected, selectingOf(info), (name) => name === 'id' || name === 'uuid');
  return idsOnly ? Promise.resolve({ uuid }) : context.loaders(info).snapshots.load(uuid);
}

/**
 * The current volume for a payload, as `snapshotNow` does.
 * @returns null when it no longer exists.
 */
export function volumeNow(context: GraphContext, info: GraphQLResolveInfo, uuid: string): Promise<VolumeRow | null> {
  const selected = payloadFields(info, 'volume');
  const idsOnly = selectsOnly(selected, selectingOf(info), (name) => name === 'id' || name === 'uuid');
  return idsOnly ? Promise.resolve({ uuid }) : context.loaders(info).volumes.load(uuid);
}

/** Fields of this name in the payload, including those within the `results` of a bulk mutation. */
function payloadFields(info: GraphQLResolveInfo, name: string) {
  const selecting = selectingOf(info);
  return info.fieldNodes
    .flatMap((node) => [...selectedFields(node.selectionSet, selecting)])
    .flatMap((node) => (node.name.value === 'results' ? [...selectedFields(node.selectionSet, selecting)] : [node]))
    .filter((node) => node.name.value === name);
}
