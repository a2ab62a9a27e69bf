import type { MutationResolvers } from '../../generated.ts';
import { checkBatch } from '../batch.ts';
import { pull, remove, type Scheduled } from './schedule.ts';

/**
 * One write for each distinct uuid, one result for each item of the input, in its order. How many run at the same time is the
 * REST client's to bound. An item whose call failed is an Error, which nulls that item alone.
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
