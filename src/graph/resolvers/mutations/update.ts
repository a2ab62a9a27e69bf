import type { MutationResolvers } from '../../generated.ts';
import { InputCheck } from './validate.ts';
import { readBackSnapshot, write } from './write.ts';

/** PATCH: sends only what was given. `null` and absent are told apart: null clears `keptUntil` and is refused elsewhere, as by Waldur. */
export const updateSnapshot: NonNullable<MutationResolvers['updateSnapshot']> = async (_, { input }, context, info) => {
  const { uuid, name, description, metadata, keptUntil } = input;
  const check = new InputCheck();
  const body: { name?: string; description?: string; metadata?: unknown; kept_until?: string | null } = {};
  if (name === null) check.refuse('name', 'The name may not be null; leave it out to keep it.');
  else if (name !== undefined) {
    check.name(name);
    body.name = name;
  }
  if (description === null) check.refuse('description', 'The description may not be null; give "" to clear it.');
  else if (description !== undefined) {
    check.description(description);
    body.description = description;
  }
  if (metadata === null) check.refuse('metadata', 'The metadata may not be null; give {} to clear it.');
  else if (metadata !== undefined) {
    check.metadata(metadata);
    body.metadata = metadata;
  }
  if (keptUntil !== undefined) body.kept_until = keptUntil;
  // Waldur would run a whole update for nothing, and refuse every other write meanwhile (contract 2.4).
  if (!check.failed && Object.keys(body).length === 0) {
    check.refuse(null, 'Nothing to update: give name, description, metadata or keptUntil.');
  }
  if (check.failed) return { snapshot: null, userErrors: check.errors };
  const outcome = await write(context, info, 'update', {
    send: () => context.upstream.updateSnapshot(uuid, body),
    touches: (row) => [{ kind: 'snapshot', uuid, row }],
    readBack: readBackSnapshot(context, uuid),
  });
  return outcome.ok ? { snapshot: outcome.value, userErrors: [] } : { snapshot: null, userErrors: outcome.userErrors };
};

/** A full replacement. Waldur's own PUT leaves what is absent, so what was not given is sent as its empty value. */
export const replaceSnapshot: NonNullable<MutationResolvers['replaceSnapshot']> = async (
  _,
  { input },
  context,
  info,
) => {
  const { uuid, name, description, metadata, keptUntil } = input;
  const check = new InputCheck();
  check.name(name);
  if (typeof description === 'string') check.description(description);
  if (metadata !== undefined && metadata !== null) check.metadata(metadata);
  if (check.failed) return { snapshot: null, userErrors: check.errors };
  const body = { name, description: description ?? '', metadata: metadata ?? {}, kept_until: keptUntil ?? null };
  const outcome = await write(context, info, 'replace', {
    send: () => context.upstream.replaceSnapshot(uuid, body),
    touches: (row) => [{ kind: 'snapshot', uuid, row }],
    readBack: readBackSnapshot(context, uuid),
  });
  return outcome.ok ? { snapshot: outcome.value, userErrors: [] } : { snapshot: null, userErrors: outcome.userErrors };
};
