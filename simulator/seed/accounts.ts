import { createHash } from 'node:crypto';
import type { Role } from '../model.ts';
import { USERS } from './names.ts';
import { type Builder, DAY, stampAt } from './rows.ts';

/** The token of a made-up user: the same in every world, so that examples can show it. */
export const madeUpToken = (username: string): string =>
  createHash('sha1').update(`made-up token of ${username}`).digest('hex');

/** Makes the users and their roles. */
export function addUsers({ rows, random, now }: Builder): void {
  for (const plan of USERS) {
    const roles = plan.roles.map(({ role, customer, project }): Role => {
      const scope = customer === undefined ? rows.projects[project ?? 0] : rows.customers[customer];
      return {
        uuid: random.uuid(),
        role,
        scope_type: customer === undefined ? 'project' : 'customer',
        scope_uuid: scope?.uuid ?? '',
        created: stampAt(now - 300 * DAY, random),
        expiration_time: null,
        is_active: true,
      };
    });
    rows.users.push({
      uuid: random.uuid(),
      username: plan.username,
      password: `demo-${plan.username}`,
      first_name: plan.first_name,
      last_name: plan.last_name,
      native_name: '',
      email: `${plan.username}@example.org`,
      is_staff: plan.is_staff ?? false,
      is_support: plan.is_support ?? false,
      is_active: true,
      token: madeUpToken(plan.username),
      token_created: stampAt(now, random),
      // The token never expires, because it is printed and published.
      token_lifetime: null,
      date_joined: stampAt(now - 400 * DAY, random),
      roles,
    });
  }
}

/** Sets each tenant's usage to what it has, and limits with room for as much again. */
export function countQuotas({ rows }: Builder): void {
  for (const tenant of rows.tenants) {
    const volumes = rows.volumes.filter((volume) => volume.tenant_uuid === tenant.uuid);
    const snapshots = rows.snapshots.filter((snapshot) => snapshot.tenant_uuid === tenant.uuid);
    const sizeOf = (list: readonly { size: number }[]): number => list.reduce((sum, { size }) => sum + size, 0);
    const usages: Record<string, number> = {
      volumes: volumes.length,
      volumes_size: sizeOf(volumes),
      snapshots: snapshots.length,
      snapshots_size: sizeOf(snapshots),
      storage: sizeOf(volumes),
    };
    for (const type of rows.volume_types) {
      if (!type.tenant_uuids.includes(tenant.uuid)) continue;
      usages[`gigabytes_${type.name}`] = sizeOf(volumes.filter((volume) => volume.type_uuid === type.uuid)) / 1024;
    }
    const limits: Record<string, number> = {
      volumes: Math.max(100, volumes.length * 2),
      volumes_size: -1,
      snapshots: Math.max(200, snapshots.length * 2),
      snapshots_size: tenant.quota_limits.snapshots_size ?? -1,
      storage: Math.max(10_240_000, sizeOf(volumes) * 2),
    };
    tenant.quota_usages = usages;
    tenant.quota_limits = limits;
    tenant.quota_limit_rows = { ...limits };
  }
}
