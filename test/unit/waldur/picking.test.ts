import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pickRows } from '../../../src/waldur/picking.ts';

const numRuns = Number(process.env.FUZZ_RUNS ?? 1_000);

const uuid = fc.integer({ min: 0, max: 30 }).map((n) => n.toString(16).padStart(32, '0'));
/** What looks like the end of a row and the beginning of the next, and what is escaped. */
const odd = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('},{"uuid":"', '"},{"uuid":"', '},{', ':{', '},{\\', '}]', '[', '[{', '{"uuid":"', '', '\\', 'é"'),
  uuid.map((digits) => `},{"uuid":"${digits}","name":"`),
);
const text = fc.oneof({ weight: 30, arbitrary: fc.constantFrom('a', 'ab', '') }, { weight: 1, arbitrary: odd });
const value = fc.oneof(
  { weight: 20, arbitrary: fc.oneof(text, fc.constantFrom(null, true, 7, -1.5e-7, {}, { a: { uuid: 'x' } })) },
  { weight: 1, arbitrary: fc.constantFrom([], [{ uuid: 'x' }]) },
);
const row = fc.record({ uuid, name: text, more: value }, { requiredKeys: ['uuid'] });
const uuids = fc.uniqueArray(uuid, { maxLength: 4 }).map((wanted) => new Set(wanted));

const rowsIn = (json: string | undefined): unknown[] | undefined => (json === undefined ? undefined : JSON.parse(json));

const isWanted =
  (wanted: ReadonlySet<string>) =>
  (one: unknown): boolean =>
    typeof one === 'object' && one !== null && 'uuid' in one && wanted.has(String(one.uuid));

describe('rows picked out of a page', () => {
  it('are those that are wanted, whatever stands in the others', () => {
    let picked = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 40, arbitrary: row }, { weight: 1, arbitrary: value }), { maxLength: 20 }),
        uuids,
        (rows, wanted) => {
          const page: unknown = JSON.parse(JSON.stringify(rows));
          const found = rowsIn(pickRows(JSON.stringify(rows), wanted));
          if (found === undefined) return;
          picked++;
          expect(found.filter(isWanted(wanted))).toEqual((page as unknown[]).filter(isWanted(wanted)));
        },
      ),
      { numRuns },
    );
    expect(picked).toBeGreaterThan(numRuns * 0.1);
  });

  it.each<[what: string, json: string]>([
    ['is empty', '[]'],
    ['is cut off', '[{"uuid":"1"},{"uuid":"2"'],
    ['is no list', '{"uuid":"1"}'],
    ['has blanks', '[{"uuid": "1"}, {"uuid": "2"}]'],
    ['has something before the uuids', '[{"url":"a","uuid":"1"},{"url":"b","uuid":"2"}]'],
    ['has a row behind something else', '[{"uuid":"1"},null,{"uuid":"2"},{"uuid":"3"}]'],
    ['has a row that begins otherwise', '[{"uuid":"1"},{"name":"a","uuid":"2"},{"uuid":"3"}]'],
    ['has lists in its rows', '[{"uuid":"1","a":[{"b":1},{"uuid":"2"}]},{"uuid":"3"}]'],
  ])('are none where the page %s', (_what, json) => {
    expect(pickRows(json, new Set())).toBeUndefined();
  });

  it('are none where half of a page is wanted', () => {
    const json = '[{"uuid":"1"},{"uuid":"2"},{"uuid":"3"}]';
    expect(pickRows(json, new Set(['1', '2']))).toBeUndefined();
    expect(pickRows(json, new Set(['4']))).toBe('[]');
  });
});
