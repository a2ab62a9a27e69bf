import fc from 'fast-check';

/** Characters and pieces that have broken parsers before. */
const PIECES = [
  '',
  '\0',
  '\ufeff',
  '\u2028',
  '\ud800',
  '\u202e',
  '"""',
  '"',
  '\\u{110000}',
  '\\ud83d',
  '#',
  '\r',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '...',
  '@',
  '$',
  '!',
  ':',
  '|',
  '&',
  '0.',
  '-',
  '1e',
  '__typename',
  '__schema { types { name } }',
  'fragment on on on { on }',
  'on',
  'null',
  'query',
  'mutation',
  'subscription',
  '@skip(if: true)',
  '@include(if: $x)',
  '@cost(weight: 1)',
  '@defer',
  '@stream',
  '$input',
  '9'.repeat(400),
  '[[[[[[[[',
  '{{{{{{{{',
  'a:a:a:',
  '🐘',
] as const;

/** Strings that somebody's code once trusted. */
export const NASTY_STRINGS = [
  '',
  ' ',
  '..',
  '../../users/me',
  '%2e%2e%2f',
  'a/b',
  '?field=uuid',
  '#',
  '\0',
  '\r\nX-Injected: 1',
  '__proto__',
  'constructor',
  'toString',
  '\ud800',
  'ﷺ',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '{{7*7}}',
  'http://169.254.169.254/latest/meta-data/',
  '//example.org/api/openstack-volumes/',
  'x'.repeat(10_000),
  '0'.repeat(31),
  '0'.repeat(32),
  'ZZZZZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZZZZZZZZZ',
  '2026-02-30T25:61:61Z',
  '9999-12-31T23:59:59.999999999999+23:59',
  '-1',
  '1e309',
  'NaN',
] as const;

export const nastyString: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY_STRINGS),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** Texts that are hardly anything. */
export const garbage: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ maxLength: 200 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join(' ')),
  fc.tuple(fc.constantFrom(...PIECES), fc.nat(3_000)).map(([piece, times]) => piece.repeat(times)),
);

interface Edit {
  /** Where, as a share of the text. */
  readonly at: number;
  readonly cut: number;
  readonly put: string;
  /** What was cut is put back so often. */
  readonly again: number;
}

const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(30),
    put: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 5 })),
    again: fc.nat(3),
  }),
  { minLength: 1, maxLength: 4 },
);

/** The texts of another arbitrary, damaged in a few places. */
export const damaged = (texts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(texts, edits).map(([text, changes]) => changes.reduce(apply, text));

function apply(text: string, { at, cut, put, again }: Edit): string {
  const from = Math.floor(at * text.length);
  const piece = text.slice(from, from + cut);
  return `${text.slice(0, from)}${put}${piece.repeat(again)}${text.slice(from + cut)}`;
}
