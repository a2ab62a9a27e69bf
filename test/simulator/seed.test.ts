import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { madeUpWorld } from '../../simulator/seed/made-up.ts';
import type { Rows } from '../../simulator/seed/rows.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const worldOf = (seed: number, snapshots: number): Rows =>
  madeUpWorld({ seed, snapshots, now: NOW }) as unknown as Rows;

const anyWorld = (least: number, most: number) =>
  fc.record({ seed: fc.nat(2 ** 32 - 1), snapshots: fc.integer({ min: least, max: most }) });
const FEW = { numRuns: 25 };

const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const uuidsOf = (rows: readonly { uuid: string }[]): Set<string> => new Set(rows.map(({ uuid }) => uuid));

describe('generated data', () => {
  it('is the same for the same seed and differs for another', () => {
    expect(worldOf(7, 100)).toEqual(worldOf(7, 100));
    expect(worldOf(7, 100).snapshots[0]?.uuid).not.toBe(worldOf(8, 100).snapshots[0]?.uuid);
  });

  it('has exactly the configured number of snapshots', () => {
    fc.assert(
      fc.property(anyWorld(1, 1_500), ({ seed, snapshots }) => {
        expect(worldOf(seed, snapshots).snapshots).toHaveLength(snapshots);
      }),
      FEW,
    );
  });

  it('spreads the largest size over many projects, tenants and volumes', () => {
    const { snapshots, projects, tenants } = worldOf(1, 10_000);
    expect(snapshots).toHaveLength(10_000);
    expect(projects.length).toBeGreaterThan(50);
    expect(tenants.length).toBeGreaterThan(50);
    expect(new Set(snapshots.map((row) => row.source_volume_uuid)).size).toBeGreaterThan(300);
  });

  it('has no tenant with snapshots whose quota is exhausted', () => {
    fc.assert(
      fc.property(anyWorld(50, 1_500), ({ seed, snapshots }) => {
        const world = worldOf(seed, snapshots);
        for (const tenant of world.tenants) {
          const own = world.snapshots.filter((row) => row.tenant_uuid === tenant.uuid);
          if (own.length === 0) continue;
          const largest = Math.max(...own.map(({ size }) => size));
          for (const [name, need] of [
            ['snapshots', 1],
            ['snapshots_size', largest],
            ['volumes', 1],
            ['volumes_size', largest],
            ['storage', largest],
          ] as const) {
            const limit = tenant.quota_limits[name] ?? -1;
            const room = limit < 0 ? Number.POSITIVE_INFINITY : limit - (tenant.quota_usages[name] ?? 0);
            expect(room, `${name} of ${tenant.name}`).toBeGreaterThanOrEqual(need);
          }
        }
      }),
      FEW,
    );
  });

  it('has quota usages that match the objects', () => {
    const world = worldOf(3, 500);
    for (const tenant of world.tenants) {
      const sum = (rows: readonly { size: number }[]): number => rows.reduce((total, { size }) => total + size, 0);
      const snapshots = world.snapshots.filter((row) => row.tenant_uuid === tenant.uuid);
      const volumes = world.volumes.filter((row) => row.tenant_uuid === tenant.uuid);
      expect(tenant.quota_usages).toMatchObject({
        snapshots: snapshots.length,
        snapshots_size: sum(snapshots),
        volumes: volumes.length,
        volumes_size: sum(volumes),
      });
    }
  });

  it('starts with a project that has usable snapshots, one of them restored', () => {
    fc.assert(
      fc.property(anyWorld(50, 1_000), ({ seed, snapshots }) => {
        const world = worldOf(seed, snapshots);
        const byName = [...world.projects].sort((a, b) => (a.name < b.name ? -1 : 1));
        const bySeq = [...world.projects].sort((a, b) => a.seq - b.seq);
        expect(byName[0]).toBe(bySeq[0]);
        const whole = world.snapshots.filter(
          (row) => row.project_uuid === byName[0]?.uuid && row.state === 'OK' && row.backend_id !== null,
        );
        expect(whole.length).toBeGreaterThanOrEqual(20);
        const restored = new Set(world.restorations.map((row) => row.snapshot_uuid));
        expect(whole.some((row) => row.source_volume_uuid !== null && restored.has(row.uuid))).toBe(true);
      }),
      FEW,
    );
  });

  it('has a project of 300 snapshots and a tenant of 100 volumes at its usual size', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), (seed) => {
        const world = worldOf(seed, 500);
        const most = (rows: readonly string[]): number => {
          const counts = new Map<string, number>();
          for (const key of rows) counts.set(key, (counts.get(key) ?? 0) + 1);
          return Math.max(...counts.values());
        };
        expect(most(world.snapshots.map((row) => row.project_uuid))).toBeGreaterThanOrEqual(300);
        expect(most(world.volumes.map((row) => row.tenant_uuid))).toBeGreaterThanOrEqual(100);
        const states = new Set<string>(world.snapshots.map((row) => row.state));
        expect(states.size, 'states at rest, in trouble and on the way').toBeGreaterThanOrEqual(5);
        expect(world.snapshots.filter((row) => row.state === 'ERRED').length).toBeGreaterThan(3);
        expect(world.snapshots.some((row) => row.kept_until !== null)).toBe(true);
      }),
      FEW,
    );
  });

  it('has values in the format of Waldur, and relations to existing objects', () => {
    fc.assert(
      fc.property(anyWorld(1, 800), ({ seed, snapshots }) => {
        const world = worldOf(seed, snapshots);
        const uuids = Object.values(world).flatMap((rows) => rows.map(({ uuid }) => uuid));
        expect(new Set(uuids).size).toBe(uuids.length);
        for (const uuid of uuids) expect(uuid).toMatch(/^[0-9a-f]{32}$/);
        const [volumes, tenants, projects] = [uuidsOf(world.volumes), uuidsOf(world.tenants), uuidsOf(world.projects)];
        for (const row of [...world.snapshots, ...world.volumes]) {
          expect(row.created).toMatch(isTime);
          expect(row.modified >= row.created && Date.parse(row.modified) <= NOW, `${row.name} ${row.modified}`).toBe(
            true,
          );
          expect(row.size % 1024).toBe(0);
          expect(row.metadata === '' || (typeof row.metadata === 'object' && !Array.isArray(row.metadata))).toBe(true);
          expect(row.name.length).toBeLessThanOrEqual(150);
          expect(tenants.has(row.tenant_uuid) && projects.has(row.project_uuid)).toBe(true);
          expect(row.state === 'OK' && row.error_message !== '').toBe(false);
        }
        for (const row of world.snapshots) {
          if (row.source_volume_uuid !== null) expect(volumes.has(row.source_volume_uuid)).toBe(true);
        }
        for (const list of Object.values(world)) {
          const keys = list.flatMap((row) => ('seq' in row ? [row.seq] : []));
          expect(new Set(keys).size).toBe(keys.length);
        }
      }),
      FEW,
    );
  });

  it('has a user for each role, with a token that never expires', () => {
    const { users } = worldOf(1, 50);
    const names = users.map(({ username }) => username);
    expect(names.slice(0, 7)).toEqual(['staff', 'support', 'owner', 'manager', 'admin', 'member', 'stranger']);
    for (const user of users) {
      expect(user.token).toMatch(/^[0-9a-f]{40}$/);
      expect(user.token_lifetime).toBeNull();
    }
    expect(new Set(users.map(({ token }) => token)).size).toBe(users.length);
    expect(worldOf(2, 50).users.map(({ token }) => token)).toEqual(users.map(({ token }) => token));
  });
});
