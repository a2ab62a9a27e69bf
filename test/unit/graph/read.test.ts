import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNCHANGED, uuidInUrl } from '../../../src/graph/fields/read.ts';

type Reader = (row: object, column: string) => unknown;

/** Any JSON, and values that columns hold, valid and nearly valid. */
const values = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    'OK',
    'Ok',
    'CREATING',
    'Creating',
    'constructor',
    '',
    null,
    true,
    0,
    -1,
    2_147_483_647,
    2_147_483_648,
    0.5,
  ),
  fc.stringMatching(/^[0-9a-fA-F]{31,33}$/),
  fc.stringMatching(/^[0-9a-f]{32}$/),
  fc.uuid(),
);

it.each([...UNCHANGED].map(([read, isUnchanged]) => [(read as Reader).name, read as Reader, isUnchanged] as const))(
  '%s returns the values unchanged that it declares so',
  (_name, read, isUnchanged) => {
    expect(isUnchanged(undefined)).toBe(false);
    let unchanged = 0;
    fc.assert(
      fc.property(values, (value) => {
        if (!isUnchanged(value)) return;
        unchanged += 1;
        expect(read({ it: value }, 'it')).toBe(value);
      }),
      { numRuns: 2_000 },
    );
    expect(unchanged).toBeGreaterThan(10);
  },
);

describe('the uuid in an address', () => {
  const read = (url: unknown) => uuidInUrl({ url }, 'url');

  it('is the last segment of the path, in either spelling', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.constantFrom('', '/'), (uuid, slash) => {
        const hex = uuid.replaceAll('-', '');
        for (const spelling of [uuid, hex, hex.toUpperCase()]) {
          expect(read(`https://waldur.test/api/openstack-volumes/${spelling}${slash}`)).toBe(hex);
        }
      }),
    );
  });

  it('is null for a null or absent relation', () => {
    expect(read(null)).toBeNull();
    expect(uuidInUrl({}, 'url')).toBeNull();
  });

  it.each([
    '',
    '/',
    'a'.repeat(32),
    `/api/${'a'.repeat(31)}/`,
    `/api/${'a'.repeat(32)}//`,
    `/api/${'a'.repeat(32)}/x/`,
    7,
  ])('of %j is an error', (url) => {
    expect(() => read(url)).toThrow('Waldur sent an invalid value for url.');
  });
});
