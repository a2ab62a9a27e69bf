import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../../src/operations/limits/limits.ts';
import { checkVariables } from '../../../../src/operations/limits/variables.ts';

const check = (variables: Record<string, unknown> | null | undefined) => checkVariables(variables, DEFAULT_LIMITS);
const list = (length: number) => Array.from({ length }, (_, i) => i);
const tower = (levels: number): unknown => (levels === 0 ? 1 : { a: tower(levels - 1) });

describe('checkVariables', () => {
  it('accepts values within the limits', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (variables) => {
        expect(() => check(variables)).not.toThrow();
      }),
    );
    for (const variables of [undefined, null, {}, { a: list(1_000) }, { a: tower(49) }, { a: 'x'.repeat(1_000_000) }]) {
      expect(() => check(variables)).not.toThrow();
    }
  });

  it.each([
    ['a long list', { uuids: list(1_001) }, 'uuids', 'a list of 1001 items; at most 1000'],
    ['a very long list', { uuids: list(100_000) }, 'uuids', 'a list of 100000 items'],
    ['a long list within', { input: { metadata: [{ a: list(5_000) }] } }, 'input.metadata.0.a', '$input.metadata.0.a'],
    ['a tower', { a: tower(51) }, /^a(\.a){49,}/, 'more than 50 deep'],
    ['many values', { a: list(1_000).map(() => list(20)) }, 'variables', 'more than 10000 values'],
    [
      'many keys',
      { a: Object.fromEntries(list(20_000).map((i) => [`k${i}`, i])) },
      'variables',
      'more than 10000 values',
    ],
  ])('refuses %s', (_name, variables, argument, message) => {
    expect(errorOf(() => check(variables))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { argument: typeof argument === 'string' ? argument : expect.stringMatching(argument) },
      message: expect.stringContaining(message),
    });
  });

  it('treats __proto__ and constructor as ordinary keys', () => {
    const long = JSON.stringify(list(2_000));
    for (const text of [`{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}`, '{"toString":1}']) {
      expect(() => check(JSON.parse(text))).not.toThrow();
    }
    expect(errorOf(() => check(JSON.parse(`{"a":{"__proto__":${long}}}`)))).toMatchObject({
      details: { argument: 'a.__proto__' },
    });
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('stops at the limit of values', () => {
    let read = 0;
    const item = () =>
      new Proxy(
        {},
        {
          ownKeys: () => {
            read++;
            return ['a'];
          },
          getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }),
        },
      );
    const variables = { a: list(30).map(() => list(900).map(item)) };
    expect(() => check(variables)).toThrow('10000 values');
    expect(read).toBeLessThanOrEqual(10_000);
  });

  it('keeps messages short, whatever the keys are', () => {
    const error = errorOf(() => check({ ['k'.repeat(100_000)]: list(2_000) }));
    expect(error instanceof Error && error.message.length).toBeLessThan(300);
  });
});

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('It did not throw.');
}
