import type { GraphQLResolveInfo } from 'graphql';
import type { GraphContext } from '../../context.ts';
import type { MutationResolvers, UserError } from '../../generated.ts';
import type { VolumeRow } from '../../nodes.ts';
import type { Endpoint } from './user-errors.ts';
import { InputCheck } from './validate.ts';
import { readBackVolume, volumeNow, write } from './write.ts';

/** Mutations of one volume. Waldur schedules them; the payload has the volume as it is after that. */

interface Scheduled {
  readonly scheduled: boolean;
  readonly volume: VolumeRow | null;
  readonly userErrors: UserError[];
}

const refused = (userErrors: UserError[]): Scheduled => ({ scheduled: false, volume: null, userErrors });

/** Sends the write. If it was accepted, reads the volume as far as the payload selects it. */
async function schedule(
  context: GraphContext,
  info: GraphQLResolveInfo,
  endpoint: Endpoint,
  uuid: string,
  send: () => Promise<unknown>,
): Promise<Scheduled> {
  const outcome = await write(context, info, endpoint, {
    send,
    touches: () => [{ kind: 'volume', uuid }],
    readBack: readBackVolume(context, uuid),
  });
  if (!outcome.ok) return refused(outcome.userErrors);
  return { scheduled: true, volume: await volumeNow(context, info, uuid), userErrors: [] };
}

export const attachVolume: NonNullable<MutationResolvers['attachVolume']> = (_, { input }, context, info) => {
  const check = new InputCheck();
  const uuid = check.volume(input);
  if (check.failed) return refused(check.errors);
  return schedule(context, info, 'attach', uuid, () => context.upstream.attachVolume(uuid, input.instanceUuid));
};

export const detachVolume: NonNullable<MutationResolvers['detachVolume']> = (_, { input }, context, info) => {
  const check = new InputCheck();
  const uuid = check.volume(input);
  if (check.failed) return refused(check.errors);
  return schedule(context, info, 'detach', uuid, () => context.upstream.detachVolume(uuid));
};

export const extendVolume: NonNullable<MutationResolvers['extendVolume']> = (_, { input }, context, info) => {
  const { size } = input;
  const check = new InputCheck();
  const uuid = check.volume(input);
  check.size(size);
  if (check.failed) return refused(check.errors);
  return schedule(context, info, 'extend', uuid, () => context.upstream.extendVolume(uuid, size));
};
