import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PLAIN } from '../../../src/graph/fields/read.ts';

type Reader = (row: object, column: string) => unknown;

/** Anything JSON can say, and what columns hold, right and nearly right. */
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

it.each([...PLAIN].map(([read, make]) => [(read as Reader).name, read as Reader, make()] as const))(
  '%s gives back what is said to be left as it is',
  (_name, read, isAsIs) => {
    expect(isAsIs(undefined)).toBe(false);
    let asIs = 0;
    fc.assert(
      fc.property(values, (value) => {
        if (!isAsIs(value)) return;
        asIs += 1;
        expect(read({ it: value }, 'it')).toBe(value);
      }),
      { numRuns: 2_000 },
    );
    expect(asIs).toBeGreaterThan(10);
  },
);
