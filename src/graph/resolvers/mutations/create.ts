import type { MutationResolvers } from '../../generated.ts';
import { InputCheck } from './validate.ts';
import { readBackNamed, write } from './write.ts';

export const createSnapshot: NonNullable<MutationResolvers['createSnapshot']> = async (_, { input }, context, info) => {
  const { volumeUuid, name, description, metadata, keptUntil } = input;
  const check = new InputCheck();
  check.name(name);
  if (typeof description === 'string') check.description(description);
  if (metadata !== undefined && metadata !== null) check.metadata(metadata);
  if (check.failed) return { snapshot: null, userErrors: check.errors };
  // In a creation null means absent.
  const body = {
    name,
    ...(description != null && { description }),
    ...(metadata != null && { metadata }),
    ...(keptUntil != null && { kept_until: keptUntil }),
  };
  const outcome = await write(context, info, 'create', {
    send: () => context.upstream.createSnapshot(volumeUuid, body),
    touches: (snapshot) =>
      snapshot?.uuid === undefined ? [] : [{ kind: 'snapshot', uuid: snapshot.uuid, row: snapshot }],
    readBack: readBackNamed(context, 'snapshot', name, { sourceVolumeUuid: volumeUuid }),
  });
  return outcome.ok ? { snapshot: outcome.value, userErrors: [] } : { snapshot: null, userErrors: outcome.userErrors };
};
