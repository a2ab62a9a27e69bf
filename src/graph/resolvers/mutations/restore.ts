import type { MutationResolvers } from '../../generated.ts';
import { InputCheck } from './validate.ts';
import { readBackNamed, snapshotNow, write } from './write.ts';

const nothing = { volume: null, snapshot: null };

export const restoreSnapshot: NonNullable<MutationResolvers['restoreSnapshot']> = async (
  _,
  { input },
  context,
  info,
) => {
  const check = new InputCheck();
  check.name(input.name);
  if (typeof input.description === 'string') {
    if (input.description.trim() === '')
      check.refuse('description', 'The description may not be blank; leave it out instead.');
    else check.description(input.description);
  }
  if (check.failed) return { ...nothing, userErrors: check.errors };
  const body = { name: input.name, ...(input.description != null && { description: input.description }) };
  const outcome = await write(context, info, 'restore', {
    send: () => context.upstream.restoreSnapshot(input.uuid, body),
    touches: (volume) => [
      { kind: 'snapshot', uuid: input.uuid },
      ...(volume?.uuid === undefined ? [] : [{ kind: 'volume', uuid: volume.uuid, row: volume } as const]),
    ],
    readBack: readBackNamed(context, 'volume', input.name),
  });
  if (!outcome.ok) return { ...nothing, userErrors: outcome.userErrors };
  return { volume: outcome.value, snapshot: await snapshotNow(context, info, input.uuid), userErrors: [] };
};
