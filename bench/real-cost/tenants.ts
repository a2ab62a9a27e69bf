import type { Rest, Row, Waldur } from './waldur.ts';

/** What is asked for: somebody's biggest project and tenant. */
export interface Subject {
  readonly project: string;
  readonly tenant: string;
}

const PAGE = 300;

/** The project with the most snapshots and the tenant with the most volumes that a user sees. */
export async function findSubject(rest: Rest): Promise<Subject> {
  return {
    project: await mostFrequent(rest, 'openstack-snapshots', 'project_uuid'),
    tenant: await mostFrequent(rest, 'openstack-volumes', 'tenant_uuid'),
  };
}

async function mostFrequent(rest: Rest, collection: string, key: string): Promise<string> {
  const { rows } = await rest(`${collection}/?page_size=${PAGE}&field=${key}`);
  const counts = new Map<string, number>();
  for (const row of rows as readonly object[] as Record<string, string>[]) {
    const value = row[key] ?? '';
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  if (first === undefined) throw new Error(`the user sees no ${collection}`);
  return first[0];
}

/** Gives a tenant so many volumes, and each of them so many snapshots. In the made-up world most volumes have none and few have many. */
export async function makeRegular(
  waldur: Waldur,
  rest: Rest,
  tenant: string,
  size: { volumes: number; snapshotsEach: number },
): Promise<void> {
  for (const { uuid } of await all(rest, `openstack-snapshots/?tenant_uuid=${tenant}`)) {
    await waldur.control('DELETE', `snapshots/${uuid}`);
  }
  const volumes = await all(rest, `openstack-volumes/?tenant_uuid=${tenant}`);
  for (const { uuid } of volumes.slice(size.volumes)) await waldur.control('DELETE', `volumes/${uuid}`);
  for (const { uuid, name } of volumes.slice(0, size.volumes)) {
    for (let index = 1; index <= size.snapshotsEach; index++) {
      const source_volume = `${waldur.url}/api/openstack-volumes/${uuid}/`;
      await waldur.control('POST', 'snapshots', { source_volume, name: `${name}-${index}` });
    }
  }
}

async function all(rest: Rest, path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let page = 1; ; page++) {
    const answer = await rest(`${path}&page=${page}&page_size=${PAGE}&field=uuid&field=name`);
    rows.push(...answer.rows);
    if (rows.length >= answer.total) return rows;
  }
}
