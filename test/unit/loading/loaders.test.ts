import { describe, expect, it } from 'vitest';
import { COLUMN_COSTS } from '../../../src/graph/fields/index.ts';
import type { ListRequest } from '../../../src/loading/list-request.ts';
import { type Columns, Loaders } from '../../../src/loading/loaders.ts';
import type { OperationClient } from '../../../src/loading/operation-client.ts';

const UUID = '1'.repeat(32);
const OTHER = '2'.repeat(32);

const columnsOfEach = (names: readonly string[]): Columns => ({
  snapshot: names,
  volume: names,
  project: names,
  customer: names,
  tenant: names,
  serviceSettings: names,
  volumeType: names,
  instance: names,
  availabilityZone: names,
  image: names,
});

const loadersOf = (client: object): Loaders =>
  new Loaders({
    client: client as OperationClient,
    columns: columnsOfEach(['uuid']),
    costs: COLUMN_COSTS,
  });

/** A client that records the uuids that it is called with. @param fails whether its calls fail. */
function askedOf(fails = false) {
  const asked: string[] = [];
  const get = async (_kind: string, uuid: string) => {
    asked.push(uuid);
    if (fails) throw new Error('away');
    return { uuid };
  };
  const loaders = loadersOf({ get });
  return { asked, loaders };
}

describe('an object', () => {
  it('is requested once in an operation', async () => {
    const { asked, loaders } = askedOf();
    const first = await loaders.snapshots.load(UUID);
    expect(await loaders.snapshots.load(UUID)).toBe(first);
    expect(await loaders.snapshots.load(OTHER)).toEqual({ uuid: OTHER });
    expect(asked).toEqual([UUID, OTHER]);
  });

  it('is requested again after a write', async () => {
    const { asked, loaders } = askedOf();
    await loaders.snapshots.load(UUID);
    loaders.clear();
    await loaders.snapshots.load(UUID);
    expect(asked).toEqual([UUID, UUID]);
  });

  it('fails for every request of it', async () => {
    const { asked, loaders } = askedOf(true);
    await expect(loaders.snapshots.load(UUID)).rejects.toThrow('away');
    await expect(loaders.snapshots.load(UUID)).rejects.toThrow('away');
    expect(asked).toEqual([UUID]);
  });
});

describe('a list', () => {
  const request: ListRequest<'snapshot'> = {
    kind: 'snapshot',
    filter: { sourceVolumeUuid: UUID },
    order: [{ field: 'CREATED', direction: 'ASC' }],
    window: { kind: 'head', start: 0, count: 3 },
    empty: false,
  };

  it('is requested once for each window', async () => {
    const asked: number[] = [];
    const list = async (_kind: string, { pageSize }: { readonly pageSize: number }) => {
      asked.push(pageSize);
      return { rows: [{ uuid: OTHER }], total: 1 };
    };
    const loaders = loadersOf({ list });
    const first = await loaders.list(request);
    const again = { ...request, filter: { ...request.filter } };
    expect(await loaders.list(again, { volumeUuid: UUID, candidates: [] })).toBe(first);
    expect(asked).toEqual([3]);
    await loaders.list({ ...request, window: { kind: 'head', start: 0, count: 4 } });
    expect(asked).toEqual([3, 4]);
    loaders.clear();
    await loaders.list(request);
    expect(asked).toEqual([3, 4, 3]);
  });
});
