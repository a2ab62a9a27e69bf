import { describe, expect, it } from 'vitest';
import { globalId } from '../../src/graph/ids.ts';
import { at, useGateway, uuidOf } from '../support/gateway.ts';

/** Tenants, projects and the other objects that snapshots and volumes belong to. */

const gateway = useGateway();
const genome = uuidOf.tenant('genome-tenant');

describe('a tenant', () => {
  it('known from the row of a volume costs no call', async () => {
    const { data } = await gateway().query(
      `{ volume(uuid: "${uuidOf.volume('db-data')}") { tenant { id uuid url } } }`,
    );
    expect(at(data, 'volume', 'tenant')).toEqual({
      id: globalId('Tenant', genome),
      uuid: genome,
      url: expect.stringContaining(`/api/openstack-tenants/${genome}/`),
    });
    expect(gateway().calls()).toBe(1);
  });

  it('has its name and quotas, for one call however many volumes it has', async () => {
    const { data, errors } = await gateway().query(
      '{ volumes(first: 20, filter: { tenantUuid: "' +
        genome +
        '" }) { nodes { tenant { name quotas { name usage limit } } } } }',
    );
    expect(errors).toBeUndefined();
    expect(at(data, 'volumes', 'nodes', 0, 'tenant')).toEqual({
      name: 'genome-tenant',
      quotas: [
        { name: 'gigabytes_hdd', usage: 52, limit: null },
        { name: 'gigabytes_nvme', usage: 4, limit: null },
        { name: 'gigabytes_ssd', usage: 92, limit: null },
        { name: 'snapshots', usage: 356, limit: 1000 },
        { name: 'snapshots_size', usage: 4341760, limit: null },
        { name: 'storage', usage: 316416, limit: 1024000 },
        { name: 'volumes', usage: 29, limit: 100 },
        { name: 'volumes_size', usage: 316416, limit: null },
      ],
    });
    expect(gateway().calls()).toBe(2);
  });

  it('is not asked for its quotas when they are not selected', async () => {
    await gateway().query(`{ volume(uuid: "${uuidOf.volume('db-data')}") { tenant { name } } }`);
    const tenant = (await gateway().requests()).at(-1);
    expect(tenant?.path).toBe(`/api/openstack-tenants/${genome}/?field=name&field=uuid`);
  });
});
