import { strip } from '../../../domain/strip.ts';
import type { MutationResolvers } from '../../generated.ts';
import { InputCheck } from './validate.ts';
import { once, readBackNamed, readBackSnapshot, snapshotNow, volumeNow, write } from './write.ts';

/** Mutations with values: the input is checked, then sent. */

export const createSnapshot: NonNullable<MutationResolvers['createSnapshot']> = async (_, { input }, context, info) => {
  const { volumeUuid, name, description, metadata, keptUntil, idempotencyKey } = input;
  const check = new InputCheck();
  check.name(name);
  if (typeof description === 'string') check.description(description);
  if (metadata !== undefined && metadata !== null) check.metadata(metadata);
  if (idempotencyKey != null) check.idempotencyKey(idempotencyKey);
  if (check.failed) return { snapshot: null, userErrors: check.errors };
  // For a new snapshot, null means absent.
  const body = {
    name,
    ...(description != null && { description }),
    ...(metadata != null && { metadata }),
    ...(keptUntil != null && { kept_until: keptUntil }),
  };
  const send = () =>
    write(context, info, 'create', {
      send: () => context.upstream.createSnapshot(volumeUuid, body),
      touches: (snapshot) =>
        snapshot?.uuid === undefined ? [] : [{ kind: 'snapshot', uuid: snapshot.uuid, row: snapshot }],
      readBack: readBackNamed(context, 'snapshot', name, { sourceVolumeUuid: volumeUuid }),
    });
  const outcome = await once(context, 'create', idempotencyKey, {
    input: [volumeUuid, body],
    alike: () => context.upstream.snapshotsNamed(volumeUuid, strip(name)),
    send,
    read: (uuid) => snapshotNow(context, info, uuid),
  });
  return outcome.ok ? { snapshot: outcome.value, userErrors: [] } : { snapshot: null, userErrors: outcome.userErrors };
};

/** PATCH: sends only the given values. null clears `keptUntil`; for the other values it is refused, as Waldur does. */
export const updateSnapshot: NonNullable<MutationResolvers['updateSnapshot']> = async (_, { input }, context, info) => {
  const { name, description, metadata, keptUntil } = input;
  const check = new InputCheck();
  const uuid = check.snapshot(input);
  const body: { name?: string; description?: string; metadata?: unknown; kept_until?: string | null } = {};
  if (name === null) check.refuse('name', 'The name must not be null. Omit it to keep the name.');
  else if (name !== undefined) {
    check.name(name);
    body.name = name;
  }
  if (description === null) check.refuse('description', 'The description must not be null. Send "" to clear it.');
  else if (description !== undefined) {
    check.description(description);
    body.description = description;
  }
  if (metadata === null) check.refuse('metadata', 'The metadata must not be null. Send {} to clear it.');
  else if (metadata !== undefined) {
    check.metadata(metadata);
    body.metadata = metadata;
  }
  if (keptUntil !== undefined) body.kept_until = keptUntil;
  // Waldur would run a complete update, and refuse other writes until it ends (contract 2.4).
  if (!check.failed && Object.keys(body).length === 0) {
    check.refuse(null, 'There is nothing to update. Send name, description, metadata or keptUntil.');
  }
  if (check.failed) return { snapshot: null, userErrors: check.errors };
  const outcome = await write(context, info, 'update', {
    send: () => context.upstream.updateSnapshot(uuid, body),
    touches: (row) => [{ kind: 'snapshot', uuid, row }],
    readBack: readBackSnapshot(context, uuid),
  });
  return outcome.ok ? { snapshot: outcome.value, userErrors: [] } : { snapshot: null, userErrors: outcome.userErrors };
};

/** A full replacement. Waldur's PUT leaves absent values unchanged, so they are sent as their empty values. */
export const replaceSnapshot: NonNullable<MutationResolvers['replaceSnapshot']> = async (
  _,
  { input },
  context,
  info,
) => {
  const { name, description, metadata, keptUntil } = input;
  const check = new InputCheck();
  const uuid = check.snapshot(input);
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

const NOTHING = { volume: null, snapshot: null };

export const restoreSnapshot: NonNullable<MutationResolvers['restoreSnapshot']> = async (
  _,
  { input },
  context,
  info,
) => {
  const check = new InputCheck();
  const uuid = check.snapshot(input);
  check.name(input.name);
  if (typeof input.description === 'string') {
    if (strip(input.description) === '')
      check.refuse('description', 'The description must not be blank. Omit it instead.');
    else check.description(input.description);
  }
  const { idempotencyKey } = input;
  if (idempotencyKey != null) check.idempotencyKey(idempotencyKey);
  if (check.failed) return { ...NOTHING, userErrors: check.errors };
  const body = { name: input.name, ...(input.description != null && { description: input.description }) };
  const send = () =>
    write(context, info, 'restore', {
      send: () => context.upstream.restoreSnapshot(uuid, body),
      touches: (volume) => [
        { kind: 'snapshot', uuid },
        ...(volume?.uuid === undefined ? [] : [{ kind: 'volume', uuid: volume.uuid, row: volume } as const]),
      ],
      readBack: readBackNamed(context, 'volume', input.name),
    });
  const outcome = await once(context, 'restore', idempotencyKey, {
    input: [uuid, body],
    alike: () => context.upstream.restoredAs(uuid, strip(input.name)),
    send,
    read: (uuid) => volumeNow(context, info, uuid),
  });
  if (!outcome.ok) return { ...NOTHING, userErrors: outcome.userErrors };
  return { volume: outcome.value, snapshot: await snapshotNow(context, info, uuid), userErrors: [] };
};
