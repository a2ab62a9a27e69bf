import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLUMN_COSTS } from '../../../src/graph/fields/index.ts';
import type { PageRequest } from '../../../src/loading/list-request.ts';
import { type CandidateList, choose, Planner, type Source } from '../../../src/loading/planner.ts';
import { UpstreamError } from '../../../src/waldur/errors.ts';

const NO_CANDIDATES = (): readonly CandidateList[] => [];
const uuid = (i: number): string => i.toString(16).padStart(32, '0');

interface World {
  /** Rows that exist and may be seen: uuids by what project they are in. */
  readonly rows: readonly { readonly uuid: string; readonly project: string }[];
  readonly fails?: (question: string) => boolean;
  readonly lastTotal?: number;
}

/** A Waldur of rows alone, which counts what it is asked. */
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
    ['one is asked for by itself', 50, some(1), ['uuid'], [/^get/]],
    ['two are', 50, some(2), ['uuid'], [/^get/, /^get/]],
    ['many columns of many are a page', 50, some(20), ['uuid'], ['list 1']],
    [
      'a hundred of many pages are those pages until all are found',
      1_000,
      some(100, 5),
      ['uuid'],
      ['list 1', 'list 2'],
    ],
    [
      'dear rows of a list of unknown length are counted first',
      40,
      some(6),
      ['type_name', 'instance_name'],
      ['count', 'list 1'],
    ],
    [
      'and asked for one by one when there are too many',
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

  it('the rest of a long list is left alone when what is missing is cheaper one by one', async () => {
    const { asked, source: upstream } = source({ rows: world(30_000) });
    const planner = new Planner(upstream, COLUMN_COSTS);
    await planner.find('snapshot', [...some(20), uuid(29_999)], ['uuid'], NO_CANDIDATES);
    expect(asked).toEqual(['list 1', `get ${uuid(29_999)}`]);
    expect(planner.decisions.map(({ way, keys, total }) => [way, keys, total])).toEqual([
      ['list', 21, undefined],
      ['each', 1, 30_000],
    ]);
  });

  it('what one page of everything does not hold is null without another call', async () => {
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

  it('keys of few parents are looked for parent by parent, of many in a wider list', async () => {
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

  it('a failed page fails what it should have held, and nothing found before', async () => {
    const { source: upstream } = source({ rows: world(900), fails: (question) => question === 'list 2' });
    const found = await new Planner(upstream, COLUMN_COSTS).find('volume', some(100, 6), ['uuid'], NO_CANDIDATES);
    expect(found.get(uuid(0))).toMatchObject({ uuid: uuid(0) });
    expect(found.get(uuid(594))).toBeInstanceOf(UpstreamError);
  });

  it('a failed member fails alone', async () => {
    const { source: upstream } = source({ rows: world(3), fails: (question) => question === `get ${uuid(1)}` });
    const found = await new Planner(upstream, COLUMN_COSTS).find('volume', some(3), ['uuid'], NO_CANDIDATES);
    expect([...found.values()].map((row) => row instanceof Error)).toEqual([false, true, false]);
  });

  it('whatever the world, everything is found, and with no more calls than one for each and two', async () => {
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

describe('the choice', () => {
  const base = { rowMs: 1, rowsEach: 1, listRowMs: 1, read: 0 };

  it('of a known list is the cheaper way', () => {
    expect(choose({ ...base, keys: 10, total: 100 })).toBe('list');
    expect(choose({ ...base, keys: 10, total: 2_000 })).toBe('each');
    expect(choose({ ...base, keys: 10, total: 2_000, read: 1_900 })).toBe('list');
  });

  it('is never a list for one', () => {
    expect(choose({ ...base, keys: 1, total: 1 })).toBe('each');
  });
});
