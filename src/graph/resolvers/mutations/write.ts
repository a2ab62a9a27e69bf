import type { GraphQLResolveInfo } from 'graphql';
import { GatewayError } from '../../../errors.ts';
import type { Filter } from '../../../loading/lists.ts';
import type { GraphContext } from '../../context.ts';
import { liveRow } from '../../fetcher.ts';
import type { UserError } from '../../generated.ts';
import type { SnapshotRow } from '../../nodes.ts';
import { selectedFields, selectsOnly } from '../../selection.ts';
import { type Endpoint, userErrorsOf } from './user-errors.ts';

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly userErrors: UserError[] };

export interface Write<Value> {
  readonly send: () => Promise<Value>;
  readonly touches: (value?: Value) => readonly Touched[];
  readonly readBack: () => Promise<string>;
}

export interface Touched {
  readonly kind: 'snapshot' | 'volume';
  readonly uuid: string;
  /** The whole object, where the answer to the write brought it. */
  readonly row?: object | undefined;
}

/**
 * Sends one write. What Waldur refuses comes back as user errors; everything else (credentials, upstream failures) is thrown.
 * Whatever was read before is forgotten afterwards: the world has changed, or may have.
 * @param touches what the write changes, so that the caller's watchers see it at once; from its answer, where there was one.
 * @param readBack tells what can be seen now, for the message when the answer to the write was lost.
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
      const seen = await readBack().catch(() => 'Reading it back failed too.');
      throw new GatewayError(error.code, `${error.message} ${seen}`, error.details, { cause: error });
    }
    throw error;
  } finally {
    context.loaders(info).clear();
  }
}

/** What a lost answer's message tells of the snapshot that was to be written. */
export const readBackSnapshot = (context: GraphContext, uuid: string) => async (): Promise<string> => {
  const row = await context.upstream.get('snapshot', uuid, ['uuid', 'state']);
  return row === null ? 'The snapshot cannot be found now.' : `The snapshot is now in state ${String(row.state)}.`;
};

/**
 * What a lost answer's message tells of an object that was to be made: the newest of that name. Whether it is the one that was asked
 * for, its time of creation tells the person; nothing in it does so for certain.
 */
export const readBackNamed =
  (context: GraphContext, kind: 'snapshot' | 'volume', name: string, within: Filter = {}) =>
  async (): Promise<string> => {
    const { rows } = await context.upstream.list(kind, {
      // Waldur stores names without spaces around them.
      filter: { ...within, nameExact: name.trim() },
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
 * The snapshot as Waldur now says, for a payload. A payload that selects nothing but ids, or no snapshot at all, costs no call.
 * @returns null when it is gone by now.
 */
export function snapshotNow(
  context: GraphContext,
  info: GraphQLResolveInfo,
  uuid: string,
): Promise<SnapshotRow | null> {
  const asked = payloadFields(info, 'snapshot');
  const idsOnly = selectsOnly(asked, info.fragments, (name) => name === 'id' || name === 'uuid');
  return idsOnly ? Promise.resolve({ uuid }) : context.loaders(info).snapshots.load(uuid);
}

/** Fields of this name in the payload, also within the `results` of a bulk mutation. */
function payloadFields(info: GraphQLResolveInfo, name: string) {
  return info.fieldNodes
    .flatMap((node) => [...selectedFields(node.selectionSet, info.fragments)])
    .flatMap((node) =>
      node.name.value === 'results' ? [...selectedFields(node.selectionSet, info.fragments)] : [node],
    )
    .filter((node) => node.name.value === name);
}
