import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../support/gateway.ts';
import { at, uuidOf } from '../support/gateway.ts';
import { startEmbedded } from './support/embedded.ts';

/** What differs between the recorded Waldur and the one of 2026 (docs/upstream-contract.md, sections 1.1, 4.5 and 7). */
const target = uuidOf.snapshot('rw-target');

function ask(generation: '2024' | '2026', method: string, address: string, as = 'staff', body?: unknown) {
  const { handle, tokenOf } = startEmbedded(generation);
  const answer = handle({
    method,
    target: address,
    headers: {
      authorization: `Token ${tokenOf(as)}`,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    remoteAddress: '127.0.0.1',
  });
  const isJson = answer.headers['Content-Type'] === 'application/json';
  return { ...answer, json: (isJson ? JSON.parse(answer.body) : undefined) as JsonValue | undefined };
}

describe('2026', () => {
  it('spells states in upper case, in responses, filters and messages', () => {
    const erred = uuidOf.snapshot('st-creation-scheduled');
    expect(at(ask('2026', 'GET', `/api/openstack-snapshots/${erred}/`).json, 'state')).toBe('CREATION_SCHEDULED');
    expect(ask('2026', 'GET', '/api/openstack-snapshots/?state=ERRED').status).toBe(200);
    expect(ask('2026', 'GET', '/api/openstack-snapshots/?state=Erred').status).toBe(400);
    expect(ask('2026', 'POST', `/api/openstack-snapshots/${erred}/pull/`).json).toEqual({
      detail: 'Valid states for operation: OK, ERRED.',
    });
  });

  it.each([
    ['customer_uuid', true],
    ['backups', true],
    ['marketplace_offering_type', true],
    ['snapshot_schedule', false],
  ])('has the field %s: %s', (field, there) => {
    const rows = (['2024', '2026'] as const).map(
      (generation) => ask(generation, 'GET', `/api/openstack-snapshots/${target}/`).json,
    );
    expect(rows.map((row) => Object.hasOwn(Object(row), field))).toEqual([!there, there]);
  });

  it('volumes have extend_enabled', () => {
    const address = `/api/openstack-volumes/${uuidOf.volume('db-data')}/`;
    expect(at(ask('2026', 'GET', address).json, 'extend_enabled')).toBe(true);
    expect(at(ask('2024', 'GET', address).json, 'extend_enabled')).toBeUndefined();
  });

  it('ignores the filter uuid, and filters by can_manage whatever its value', () => {
    const total = (generation: '2024' | '2026', query: string, as: string) =>
      ask(generation, 'GET', `/api/openstack-snapshots/?field=uuid&${query}`, as).headers['X-Result-Count'];
    expect([total('2024', `uuid=${target}`, 'staff'), total('2026', `uuid=${target}`, 'staff')]).toEqual(['1', '385']);
    expect([
      total('2026', 'can_manage=false', 'multi'),
      total('2026', 'can_manage=true', 'multi'),
      total('2024', 'can_manage=true', 'multi'),
    ]).toEqual(['13', '13', '369']);
    expect(total('2026', 'can_manage=true', 'staff')).toBe('385');
  });

  it('lets staff mark a snapshot', () => {
    const stuck = uuidOf.snapshot('st-updating');
    expect(ask('2026', 'POST', `/api/openstack-snapshots/${stuck}/set_ok/`).json).toEqual({
      detail: 'Resource has been marked as OK.',
    });
    expect(ask('2026', 'POST', `/api/openstack-snapshots/${stuck}/set_ok/`, 'admin1').status).toBe(403);
    expect(ask('2024', 'POST', `/api/openstack-snapshots/${stuck}/set_ok/`).status).toBe(404);
  });

  it('refuses to create volumes, with a reason', () => {
    expect(ask('2024', 'POST', '/api/openstack-volumes/').body).toBe('');
    expect(ask('2026', 'POST', '/api/openstack-volumes/').json).toEqual({ detail: 'Method "POST" not allowed.' });
  });

  it('accepts volume names of 255 characters', () => {
    const restore = (generation: '2024' | '2026', length: number) =>
      ask(generation, 'POST', `/api/openstack-snapshots/${target}/restore/`, 'admin1', { name: 'n'.repeat(length) })
        .status;
    expect([restore('2024', 151), restore('2026', 255), restore('2026', 256)]).toEqual([500, 201, 500]);
  });
});
