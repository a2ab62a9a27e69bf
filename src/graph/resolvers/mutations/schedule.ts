import type { GraphQLResolveInfo } from 'graphql';
import type { GraphContext } from '../../context.ts';
import type { MutationResolvers, UserError } from '../../generated.ts';
import { snapshotId } from '../../ids.ts';
import type { SnapshotRow } from '../../nodes.ts';
import type { Endpoint } from './user-errors.ts';
import { InputCheck } from './validate.ts';
import { readBackSnapshot, snapshotNow, write } from './write.ts';

/** Writes that name a snapshot and are answered by no more than "scheduled" or "done". */

export interface Scheduled {
  readonly scheduled: boolean;
  readonly snapshot: SnapshotRow | null;
  readonly userErrors: UserError[];
}

/** Sends the write and, when it was accepted, reads what the payload shows of the snapshot. */
export async function schedule(
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

export const pull = (context: GraphContext, info: GraphQLResolveInfo, uuid: string): Promise<Scheduled> =>
  schedule(context, info, 'pull', uuid, () => context.upstream.pullSnapshot(uuid));

export const remove = (context: GraphContext, info: GraphQLResolveInfo, uuid: string): Promise<Scheduled> =>
  schedule(context, info, 'delete', uuid, () => context.upstream.deleteSnapshot(uuid));

export const pullSnapshot: NonNullable<MutationResolvers['pullSnapshot']> = (_, { input }, context, info) =>
  pull(context, info, input.uuid);

export const deleteSnapshot: NonNullable<MutationResolvers['deleteSnapshot']> = (_, { input }, context, info) =>
  remove(context, info, input.uuid);

export const setSnapshotOk: NonNullable<MutationResolvers['setSnapshotOk']> = (_, { input }, context, info) =>
  schedule(context, info, 'set-state', input.uuid, () => context.upstream.setSnapshotOk(input.uuid));

export const setSnapshotErred: NonNullable<MutationResolvers['setSnapshotErred']> = (_, { input }, context, info) => {
  const { uuid, errorMessage, errorTraceback } = input;
  const check = new InputCheck();
  if (typeof errorMessage === 'string') check.text('errorMessage', errorMessage);
  if (typeof errorTraceback === 'string') check.text('errorTraceback', errorTraceback);
  if (check.failed) return { snapshot: null, userErrors: check.errors };
  const body = {
    ...(errorMessage != null && { error_message: errorMessage }),
    ...(errorTraceback != null && { error_traceback: errorTraceback }),
  };
  return schedule(context, info, 'set-state', uuid, () => context.upstream.setSnapshotErred(uuid, body));
};

export const unlinkSnapshot: NonNullable<MutationResolvers['unlinkSnapshot']> = async (_, { input }, context, info) => {
  const { uuid } = input;
  const outcome = await write(context, info, 'unlink', {
    send: () => context.upstream.unlinkSnapshot(uuid),
    touches: () => [{ kind: 'snapshot', uuid }],
    readBack: readBackSnapshot(context, uuid),
  });
  return outcome.ok
    ? { unlinkedId: snapshotId(uuid), unlinkedUuid: uuid, userErrors: [] }
    : { unlinkedId: null, unlinkedUuid: null, userErrors: outcome.userErrors };
};
