import fc from 'fast-check';
import { nastyString } from './text.ts';

/** Names that mean something to JavaScript, to GraphQL or to Waldur. */
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'toJSON',
  'length',
  '',
  'uuid',
  'uuids',
  'id',
  'name',
  'state',
  'input',
  'filter',
  'metadata',
  'query',
  'extensions',
  'persistedQuery',
] as const;

const leaf: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '0', '-0', '-1', '1e999', '1e-999', '2147483648', '9007199254740993', '0.1'),
  fc.integer().map(String),
  nastyString.map((text) => JSON.stringify(text)),
);

const key = fc.oneof(fc.constantFrom(...KEYS), fc.string({ maxLength: 10 })).map((text) => JSON.stringify(text));

/** JSON as text, so that it may hold what no object of ours can: `__proto__` as a key, one key twice, numbers beyond all bounds. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 5 })
      .map((entries) => `{${entries.map(([name, value]) => `${name}:${value}`).join(',')}}`),
  ),
})).value;

/** Values whose size is the point: long lists, deep nests, wide objects, long texts. */
export const bulkyJsonText: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('list', 'deep', 'wide', 'long'), fc.constantFrom(10, 100, 1_001, 10_001, 50_000))
  .map(([shape, size]) => {
    switch (shape) {
      case 'list':
        return `[${Array.from({ length: size }, (_, i) => i).join(',')}]`;
      case 'deep':
        return `${'['.repeat(size)}${']'.repeat(size)}`;
      case 'wide':
        return `{${Array.from({ length: size }, (_, i) => `"k${i}":${i}`).join(',')}}`;
      default:
        return JSON.stringify('x'.repeat(size));
    }
  });
