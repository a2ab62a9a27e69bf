import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ListParser } from '../../src/waldur/large-bodies.ts';

const NONE = { is: 'refused' } as const;

function inSteps(text: string, stepBytes: number): unknown {
  try {
    const parser = ListParser.of(Buffer.from(text), stepBytes);
    if (parser === undefined) return NONE;
    while (!parser.step()) {}
    return { is: parser.items };
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError);
    return NONE;
  }
}

function atOnce(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? { is: value } : NONE;
  } catch {
    return NONE;
  }
}

describe('a list that is parsed in steps', () => {
  const steps = fc.integer({ min: 1, max: 60 });

  it('gives the same result as JSON.parse', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.integer({ min: 0, max: 2 }), steps, (list, indent, stepBytes) => {
        const text = JSON.stringify(list, null, indent);
        expect(inSteps(text, stepBytes)).toEqual(atOnce(text));
      }),
    );
  });

  it('is refused when JSON.parse refuses it', () => {
    const tokens = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '"a"',
      '"',
      '\\',
      '1',
      'null',
      ' ',
      '"[,]"',
      '\n',
      'é',
    );
    const mostlyLists = fc.tuple(fc.constantFrom('', ' ', '['), fc.array(tokens), fc.constantFrom('', ']', '] '));
    fc.assert(
      fc.property(mostlyLists, steps, ([start, middle, end], stepBytes) => {
        const text = start + middle.join('') + end;
        expect(inSteps(text, stepBytes)).toEqual(atOnce(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(['[]', '[ ]', '[1,]', '[,1]', '[1,,2]', '[1],[2]', '[1] 2', '[1', '', '{}', '[{]}', '["\\"]', '[1]\n'])(
    'treats %s like JSON.parse',
    (text) => {
      expect(inSteps(text, 1)).toEqual(atOnce(text));
    },
  );
});
