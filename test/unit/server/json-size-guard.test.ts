import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exceededBound, outermostStrings } from '../../../src/server/json-size-guard.ts';

const membersIn = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 0
    : (Array.isArray(value) ? 0 : Object.keys(value).length) +
      Object.values(value).reduce((sum: number, item) => sum + membersIn(item), 0);

const levelsIn = (value: unknown): number =>
  typeof value !== 'object' || value === null ? 0 : 1 + Math.max(0, ...Object.values(value).map(levelsIn));

const strings = fc.oneof(fc.string(), fc.constantFrom('":"', '\\', '\\"', '":', '\\\\":{"a":1}', '[[', ']}'));
const values = fc.object({ key: strings, values: [strings, fc.integer(), fc.constant(null)], maxDepth: 3 });
/** Longer than every text that is short enough to pass uncounted. */
const long = (text: string): string => text.padEnd(10_000);

describe('exceededBound', () => {
  it('counts the members of all objects, and the levels, whatever the strings contain', () => {
    fc.assert(
      fc.property(values, (value) => {
        // Not what JSON.parse makes of the text: V8 13.6 takes one key with escapes for another now and then.
        const text = long(JSON.stringify(value));
        const bounds = { members: membersIn(value), nesting: levelsIn(value) };
        expect(exceededBound(text, bounds)).toBeUndefined();
        expect(exceededBound(text, { ...bounds, nesting: bounds.nesting - 1 })).toBe('nesting');
        if (bounds.members > 0) expect(exceededBound(text, { ...bounds, members: bounds.members - 1 })).toBe('members');
      }),
      { numRuns: 1_000 },
    );
  });

  it('ignores what is in a string that never ends', () => {
    const bounds = { members: 1, nesting: 1 };
    expect(exceededBound(`{"a":"${'x:'.repeat(100)}`, bounds)).toBeUndefined();
    expect(exceededBound(`{"a":"${'\\"'.repeat(100)}`, bounds)).toBeUndefined();
  });

  it('takes linear time for many quotes after many backslashes', () => {
    const text = `"${'\\\\'.repeat(500_000)}"`;
    const started = performance.now();
    expect(exceededBound(text, { members: 0, nesting: 0 })).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('outermostStrings', () => {
  const NAMES = new Set(['id', 'type']);
  const read = (text: string) => Object.fromEntries(outermostStrings(text, NAMES));

  it.each([
    ['members in any order', '{"type":"subscribe","id":"1"}', { type: 'subscribe', id: '1' }],
    ['spaces', ' { "id" : "1" , "type" : "x" } ', { id: '1', type: 'x' }],
    ['forged members of inner objects', '{"a":{"id":"2","type":"y"},"id":"1","b":[{"id":"3"}]}', { id: '1' }],
    ['forged members in strings', '{"a":"\\",\\"id\\":\\"2\\"","id":"1"}', { id: '1' }],
    ['a value that equals a name', '{"a":"id","b":"type","id":"1"}', { id: '1' }],
    ['escapes in keys and values', '{"\\u0069d":"\\u0031\\n"}', { id: '1\n' }],
    ['the last of several counts', '{"id":"1","id":"2"}', { id: '2' }],
    ['the last of several is not a string', '{"id":"1","id":5}', {}],
    ['the last of several is an object', '{"id":"1","id":{"id":"2"}}', {}],
    ['the name of a prototype', '{"__proto__":"x","id":"1"}', { id: '1' }],
    ['a list', '["id","1"]', {}],
    ['a list of objects', '[{"id":"1"}]', {}],
    ['a string', '"id"', {}],
    ['nothing', '', {}],
    ['an object that does not end', '{"id":"1"', {}],
    ['a string that does not end', '{"id":"1', {}],
    ['an object behind something else', '5{"id":"1"}', {}],
  ])('%s', (_name, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('finds what JSON.parse finds', () => {
    const members = fc.tuple(fc.constantFrom('id', 'type', 'a'), fc.oneof(strings, fc.integer(), values));
    fc.assert(
      fc.property(fc.array(members, { maxLength: 6 }), (pairs) => {
        const text = `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`;
        const last = Object.fromEntries(pairs);
        const expected = Object.entries(last).filter(([key, value]) => NAMES.has(key) && typeof value === 'string');
        expect(read(text)).toEqual(Object.fromEntries(expected));
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes linear time', () => {
    const text = `{"a":${'['.repeat(250_000)}${']'.repeat(250_000)},"b":"${'\\\\'.repeat(200_000)}","id":"1"}`;
    const started = performance.now();
    expect(read(text)).toEqual({ id: '1' });
    expect(performance.now() - started).toBeLessThan(500);
  });
});
