import type { GraphQLResolveInfo } from 'graphql';
import type { GraphContext } from '../../context.ts';
import type { MutationResolvers, UserError } from '../../generated.ts';
import { snapshotId } from '../../ids.ts';
import { checkBatch } from '../../lists/arguments.ts';
import type { SnapshotRow } from '../../nodes.ts';
import type { Endpoint } from './user-errors.ts';
import { InputCheck } from './validate.ts';
import { readBackSnapshot, snapshotNow, write } from './write.ts';

/** Mutations that name snapshots and have no result but "scheduled" or "done". */

interface Scheduled {
  readonly scheduled: boolean;
  readonly snapshot: SnapshotRow | null;
  readonly userErrors: UserError[];
}

const NOTHING_UNLINKED = { unlinkedId: null, unlinkedUuid: null, deletedSnapshotId: null };

const refused = ({ errors }: InputCheck): Scheduled => ({ scheduled: false, snapshot: null, userErrors: errors });

/** Sends the write. If it was accepted, reads the snapshot as far as the payload selects it. */
async function schedule(
  context: GraphContext,
  info: GraphQLResolveInfo,
  endpoint: Endpoint,
  uuid: string,
  send: () => Promise<unknown>,
): Promise<Scheduled> {
  const outcome = await write(context, info, endpoint, {
    send,
    touches: () => [{ kind: 'snapshot', uuid }],
    readBack: readBackSnapshot(context, uuid),
  });
  if (!outcome.ok) return { scheduled: false, snapshot: null, userErrors: outcome.userErrors };
  return { scheduled: true, snapshot: await snapshotNow(context, info, uuid), userErrors: [] };
}

const pull = (context: GraphContext, info: GraphQLResolveInfo, uuid: string): Promise<Scheduled> =>
  schedule(context, info, 'pull', uuid, () => context.upstream.pullSnapshot(uuid));

const remove = (context: GraphContext, info: GraphQLResolveInfo, uuid: string): Promise<Scheduled> =>
  schedule(context, info, 'delete', uuid, () => context.upstream.deleteSnapshot(uuid));

export const pullSnapshot: NonNullable<MutationResolvers['pullSnapshot']> = (_, { input }, context, info) => {
  const check = new InputCheck();
  const uuid = check.snapshot(input);
  return check.failed ? refused(check) : pull(context, info, uuid);
};

export const deleteSnapshot: NonNullable<MutationResolvers['deleteSnapshot']> = (_, { input }, context, info) => {
  const check = new InputCheck();
  const uuid = check.snapshot(input);
  return check.failed ? refused(check) : remove(context, info, uuid);
};

export const setSnapshotOk: NonNullable<MutationResolvers['setSnapshotOk']> = (_, { input }, context, info) => {
  const check = new InputCheck();
  const uuid = check.snapshot(input);
  if (check.failed) return refused(check);
  return schedule(context, info, 'set-state', uuid, () => context.upstream.setSnapshotOk(uuid));
};

export const setSnapshotErred: NonNullable<MutationResolvers['setSnapshotErred']> = (_, { input }, context, info) => {
  const { errorMessage, errorTraceback } = input;
  const check = new InputCheck();
  const uuid = check.snapshot(input);
  if (typeof errorMessage === 'string') check.string('errorMessage', errorMessage);
  if (typeof errorTraceback === 'string') check.string('errorTraceback', errorTraceback);
  if (check.failed) return refused(check);
  const body = {
    ...(errorMessage != null && { error_message: errorMessage }),
    ...(errorTraceback != null && { error_traceback: errorTraceback }),
  };
  return schedule(context, info, 'set-state', uuid, () => context.upstream.setSnapshotErred(uuid, body));
};

export const unlinkSnapshot: NonNullable<MutationResolvers['unlinkSnapshot']> = async (_, { input }, context, info) => {
  const check = new InputCheck();
  const uuid = check.snapshot(input);
  if (check.failed) return { ...NOTHING_UNLINKED, userErrors: check.errors };
  const outcome = await write(context, info, 'unlink', {
    send: () => context.upstream.unlinkSnapshot(uuid),
    touches: () => [{ kind: 'snapshot', uuid }],
    readBack: readBackSnapshot(context, uuid),
  });
  return outcome.ok
    ? { unlinkedId: snapshotId(uuid), unlinkedUuid: uuid, deletedSnapshotId: snapshotId(uuid), userErrors: [] }
    : { ...NOTHING_UNLINKED, userErrors: outcome.userErrors };
};

/**
 * Sends one write for each distinct uuid, and returns one result for each item of the input, in its order. The REST client limits
 * their concurrency. An item whose call failed is an Error, so that only this item is null in the response.
 */
async function each(
  uuids: readonly string[],
  send: (uuid: string) => Promise<Scheduled>,
): Promise<(Error | (Scheduled & { uuid: string }))[]> {
  checkBatch('input.uuids', uuids);
  const distinct = [...new Set(uuids)];
  const settled = await Promise.allSettled(distinct.map(send));
  const byUuid = new Map(distinct.map((uuid, i) => [uuid, settled[i]]));
  return uuids.map((uuid) => {
    const result = byUuid.get(uuid);
    if (result?.status === 'fulfilled') return { uuid, ...result.value };
    return result?.reason instanceof Error ? result.reason : new Error('A write ended without a result.');
  });
}

export const pullSnapshots: NonNullable<MutationResolvers['pullSnapshots']> = async (_, { input }, context, info) => ({
  results: await each(input.uuids, (uuid) => pull(context, info, uuid)),
});

export const deleteSnapshots: NonNullable<MutationResolvers['deleteSnapshots']> = async (
  _,
  { input },
  context,
  info,
) => ({
  results: await each(input.uuids, (uuid) => remove(context, info, uuid)),
});
