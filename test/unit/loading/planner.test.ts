import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLUMN_COSTS } from '../../../src/graph/fields/index.ts';
import type { PageRequest } from '../../../src/loading/list-request.ts';
import { type CandidateList, choose, Planner, type Source } from '../../../src/loading/planner.ts';
import { UpstreamError } from '../../../src/waldur/errors.ts';

const NO_CANDIDATES = (): readonly CandidateList[] => [];
const uuid = (i: number): string => i.toString(16).padStart(32, '0');

interface World {
  /** Visible rows, with their projects. */
  readonly rows: readonly { readonly uuid: string; readonly project: string }[];
  readonly fails?: (question: string) => boolean;
  readonly lastTotal?: number;
}

/** A Waldur that records its calls. */
function source({ rows, fails = () => false, lastTotal }: World) {
  const asked: string[] = [];
  const ask = (question: string): void => {
    asked.push(question);
    if (fails(question)) throw new UpstreamError('unavailable');
  };
  const matching = (filter: object) =>
    'projectUuid' in filter ? rows.filter(({ project }) => project === filter.projectUuid) : rows;
  const fake = {
    async get(_kind: string, wanted: string) {
      ask(`get ${wanted}`);
      return rows.find((row) => row.uuid === wanted) ?? null;
    },
    async list(_kind: string, { filter, page, pageSize }: PageRequest) {
      ask(`list ${page}`);
      const found = matching(filter);
      return { rows: found.slice((page - 1) * pageSize, page * pageSize), total: found.length };
    },
    async count(_kind: string, filter: object) {
      ask('count');
      return matching(filter).length;
    },
    lastTotal: () => lastTotal,
  };
  return { asked, source: fake as unknown as Source };
}

const world = (count: number, projects = 1) =>
  Array.from({ length: count }, (_, i) => ({ uuid: uuid(i), project: `p${i % projects}` }));
const some = (count: number, step = 1): string[] => Array.from({ length: count }, (_, i) => uuid(i * step));

describe('finding objects by uuid', () => {
  it.each<[what: string, rows: number, keys: string[], fields: string[], asked: (string | RegExp)[]]>([
    ['a single object is one call', 50, some(1), ['uuid'], [/^get/]],
    ['two objects are two calls', 50, some(2), ['uuid'], [/^get/, /^get/]],
    ['many objects are one page', 50, some(20), ['uuid'], ['list 1']],
    [
      'a hundred objects of a long list are its pages until all are found',
      1_000,
      some(100, 5),
      ['uuid'],
      ['list 1', 'list 2'],
    ],
    [
      'a list of expensive rows and unknown length is counted first',
      40,
      some(6),
      ['type_name', 'instance_name'],
      ['count', 'list 1'],
    ],
    [
      'after counting, single calls are made if the list is too long',
      5_000,
      some(4, 100),
      ['type_name', 'instance_name'],
      ['count', /^get/, /^get/, /^get/, /^get/],
    ],
  ])('%s', async (_what, rows, keys, fields, calls) => {
    const { asked, source: upstream } = source({ rows: world(rows) });
    const found = await new Planner(upstream, COLUMN_COSTS).find('volume', keys, fields, NO_CANDIDATES);
    expect(keys.map((key) => found.get(key))).toEqual(keys.map((key) => expect.objectContaining({ uuid: key })));
    expect(asked).toEqual(calls.map((call) => (typeof call === 'string' ? call : expect.stringMatching(call))));
  });

  it('stops reading a long list when single calls are cheaper for the rest', async () => {
    const { asked, source: upstream } = source({ rows: world(30_000) });
    const planner = new Planner(upstream, COLUMN_COSTS);
    await planner.find('snapshot', [...some(20), uuid(29_999)], ['uuid'], NO_CANDIDATES);
    expect(asked).toEqual(['list 1', `get ${uuid(29_999)}`]);
    expect(planner.decisions.map(({ way, keys, total }) => [way, keys, total])).toEqual([
      ['list', 21, undefined],
      ['each', 1, 30_000],
    ]);
  });

  it('objects that are not in one page of all objects are null without another call', async () => {
    const { asked, source: upstream } = source({ rows: world(10) });
    const found = await new Planner(upstream, COLUMN_COSTS).find(
      'volume',
      [...some(9), uuid(99)],
      ['uuid'],
      NO_CANDIDATES,
    );
    expect(found.get(uuid(99))).toBeNull();
    expect(asked).toEqual(['list 1']);
  });

  it('a wrong candidate list costs calls, but the result is right', async () => {
    const { asked, source: upstream } = source({ rows: world(20, 2) });
    const candidate: CandidateList = { filter: { projectUuid: 'p0' } };
    const found = await new Planner(upstream, COLUMN_COSTS).find('volume', some(8), ['uuid'], () => [candidate]);
    expect([...found.values()].every((row) => row !== null && !(row instanceof Error))).toBe(true);
    expect(asked.filter((call) => call.startsWith('get'))).toHaveLength(4);
  });

  it('reads one list for each of few parents, and a wider list for many parents', async () => {
    const rows = world(160, 2);
    const candidatesOf = (key: string): CandidateList[] => [
      { filter: { projectUuid: rows.find((row) => row.uuid === key)?.project ?? '' } },
    ];
    const few = source({ rows });
    await new Planner(few.source, COLUMN_COSTS).find('volume', some(60), ['uuid'], candidatesOf);
    expect(few.asked).toEqual(['list 1', 'list 1']);
    const many = source({ rows });
    await new Planner(many.source, COLUMN_COSTS).find('volume', some(60), ['uuid'], (key) => [
      { filter: { projectUuid: key } },
    ]);
    expect(many.asked).toEqual(['list 1']);
  });

  it('a failed page fails the missing objects, but not those already found', async () => {
    const { source: upstream } = source({ rows: world(900), fails: (question) => question === 'list 2' });
    const found = await new Planner(upstream, COLUMN_COSTS).find('volume', some(100, 6), ['uuid'], NO_CANDIDATES);
    expect(found.get(uuid(0))).toMatchObject({ uuid: uuid(0) });
    expect(found.get(uuid(594))).toBeInstanceOf(UpstreamError);
  });

  it('a failed call fails its object alone', async () => {
    const { source: upstream } = source({ rows: world(3), fails: (question) => question === `get ${uuid(1)}` });
    const found = await new Planner(upstream, COLUMN_COSTS).find('volume', some(3), ['uuid'], NO_CANDIDATES);
    expect([...found.values()].map((row) => row instanceof Error)).toEqual([false, true, false]);
  });

  it('finds everything in any data set, with at most two calls more than one for each object', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 1_500 }),
        fc.uniqueArray(fc.nat({ max: 2_000 }), { maxLength: 120 }),
        fc.constantFrom(['uuid'], ['uuid', 'type_name'], ['uuid', 'marketplace_offering_uuid', 'project', 'customer']),
        fc.option(fc.nat({ max: 3_000 }), { nil: undefined }),
        async (rows, keys, fields, lastTotal) => {
          const { asked, source: upstream } = source({
            rows: world(rows),
            ...(lastTotal !== undefined && { lastTotal }),
          });
          const found = await new Planner(upstream, COLUMN_COSTS).find('volume', keys.map(uuid), fields, NO_CANDIDATES);
          for (const key of keys) {
            const row = found.get(uuid(key));
            expect(row).toEqual(key < rows ? expect.objectContaining({ uuid: uuid(key) }) : null);
          }
          expect(asked.length).toBeLessThanOrEqual(keys.length + Math.ceil(rows / 300) + 1);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the decision', () => {
  const base = { rowMs: 1, rowsEach: 1, listRowMs: 1, read: 0 };

  it('is the cheaper way for a list of known length', () => {
    expect(choose({ ...base, keys: 10, total: 100 })).toBe('list');
    expect(choose({ ...base, keys: 10, total: 2_000 })).toBe('each');
    expect(choose({ ...base, keys: 10, total: 2_000, read: 1_900 })).toBe('list');
  });

  it('is never a list for a single object', () => {
    expect(choose({ ...base, keys: 1, total: 1 })).toBe('each');
  });
});
