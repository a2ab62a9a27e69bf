import { expect, it, vi } from 'vitest';
import { CALLER, clientOf, failure, jsonUpstream, UUID } from './support/upstreams.ts';

// In earnest it is 512 MiB.
vi.mock('node:buffer', async (original) => {
  const real = await original<typeof import('node:buffer')>();
  return { ...real, constants: { ...real.constants, MAX_STRING_LENGTH: 1_000 } };
});

it('a response within the limit, but longer than the longest string, is too large', async () => {
  const upstream = await jsonUpstream(200, { uuid: UUID, name: 'x'.repeat(1_000) });
  const error = await failure(clientOf(upstream.url).getSnapshot(CALLER, UUID));
  expect(error).toMatchObject({ kind: 'malformed', message: expect.stringContaining('too large') });
});
