import { describe, expect, it } from 'vitest';
import { CostModel, costOf } from '../../simulator/cost.ts';
import type { ApiAnswer, Work } from '../../simulator/model.ts';
import { client } from './support/client.ts';

const COLUMNS = ['uuid', 'name', 'state', 'size', 'created', 'modified', 'runtime_state', 'backend_id', 'metadata'];
const work = (rows: number, fields: readonly string[] | null, kind: Work['kind'] = 'snapshot'): Work => ({
  userUuid: 'u',
  rows,
  fields,
  kind,
});

describe('cost table', () => {
  // Measured on a real Waldur: contract 3.6.
  it.each([
    ['columns only', COLUMNS, 112],
    ['restorations', [...COLUMNS, 'restorations'], 245],
    ['project', [...COLUMNS, 'project_uuid', 'project_name'], 370],
    ['service settings', [...COLUMNS, 'service_name', 'service_settings_state'], 390],
    ['source volume', [...COLUMNS, 'source_volume', 'source_volume_name'], 517],
    ['project and customer', [...COLUMNS, 'project_name', 'customer_name'], 815],
    ['marketplace', [...COLUMNS, 'marketplace_offering_uuid', 'marketplace_resource_uuid'], 980],
    ['everything', null, 4376],
  ])('charges 300 rows with %s as measured', (_, fields, milliseconds) => {
    const cost = costOf(work(300, fields));
    expect(cost / milliseconds).toBeGreaterThan(0.95);
    expect(cost / milliseconds).toBeLessThan(1.05);
  });

  it('charges volumes and empty lists as measured', () => {
    expect(costOf(work(37, ['uuid', 'name', 'state', 'size'], 'volume')) / 37).toBeCloseTo(0.84, 1);
    expect(costOf(work(37, null, 'volume')) / 580).toBeCloseTo(1, 1);
    expect(costOf(work(0, null))).toBe(20);
    expect(costOf(work(1, null)) / 38).toBeCloseTo(0.9, 1);
  });
});

describe('cost model', () => {
  const answer: ApiAnswer = { status: 200, headers: {}, body: '' };

  it('runs the requests of one user in the order of arrival, each seeing what the one before did', async () => {
    const costs = new CostModel();
    const log: string[] = [];
    const run = async (lock: string, name: string): Promise<void> => {
      await costs.run(lock, () => {
        log.push(`${name} begins`);
        return answer;
      });
      log.push(`${name} ends`);
    };
    await Promise.all([run('a', 'a1'), run('a', 'a2'), run('a', 'a3'), run('b', 'b1')]);
    const ofA = log.filter((line) => line.startsWith('a'));
    expect(ofA).toEqual(['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends', 'a3 begins', 'a3 ends']);
    expect(log.indexOf('b1 begins'), 'another user does not wait').toBeLessThan(log.indexOf('a1 ends'));
  });

  it('runs as many requests of different users at the same time as there are workers, the rest in order', async () => {
    const costs = new CostModel(2);
    const log: string[] = [];
    let running = 0;
    const run = async (lock: string): Promise<void> => {
      await costs.run(lock, () => {
        running += 1;
        log.push(`${lock} begins, ${running} at once`);
        return answer;
      });
      running -= 1;
    };
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(run));
    expect(log.map((line) => line[0])).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(log.filter((line) => !/ [12] at once$/.test(line))).toEqual([]);
    expect(log).toContain('e begins, 2 at once');
  });

  it('a request that waits for its user keeps a worker, as the process of a real Waldur does', async () => {
    const costs = new CostModel(2);
    const order: string[] = [];
    const run = async (lock: string, name: string): Promise<void> => {
      await costs.run(lock, () => answer);
      order.push(name);
    };
    await Promise.all([run('a', 'a1'), run('a', 'a2'), run('b', 'b1')]);
    expect(order).toEqual(['a1', 'a2', 'b1']);
  });

  it('goes on after a request that failed', async () => {
    const costs = new CostModel();
    const failing = costs.run('a', () => {
      throw new Error('no');
    });
    const next = costs.run('a', () => answer);
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe(answer);
  });
});

describe('--cost real', () => {
  it('makes requests of a user wait for each other and not for other users', async () => {
    const { api, simulator } = await client({ cost: 'real', snapshots: 100 });
    const timed = async (path: string, as: string): Promise<number> => {
      const start = performance.now();
      await api('GET', path, { as });
      return performance.now() - start;
    };
    const list = timed('/api/openstack-snapshots/?page_size=60', 'staff');
    while (simulator.stats().inFlight === 0) await new Promise(setImmediate);
    const [slow, own, other] = await Promise.all([
      list,
      timed('/api/users/me/?field=uuid', 'staff'),
      timed('/api/users/me/?field=uuid', 'support'),
    ]);
    expect(slow).toBeGreaterThan(60 * 14);
    expect(own).toBeGreaterThan(slow / 2);
    expect(other).toBeLessThan(slow / 2);
  });

  it('charges less for fewer fields', async () => {
    const { api } = await client({ cost: 'real', snapshots: 60 });
    const timed = async (path: string): Promise<number> => {
      const start = performance.now();
      expect((await api('GET', path)).body).toHaveLength(60);
      return performance.now() - start;
    };
    const all = await timed('/api/openstack-snapshots/?page_size=60');
    const one = await timed('/api/openstack-snapshots/?page_size=60&field=uuid');
    expect(one).toBeGreaterThan(20);
    expect(one).toBeLessThan(all / 2);
  });
});
