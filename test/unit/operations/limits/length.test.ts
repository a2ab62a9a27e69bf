import { describe, expect, it } from 'vitest';
import { admitDocument } from '../../../../src/operations/limits/admit.ts';
import { DEFAULT_LIMITS } from '../../../../src/operations/limits/limits.ts';

describe('the length limit of documents', () => {
  const limits = { ...DEFAULT_LIMITS, characters: 1_000 };

  it.each([
    ['a name', `{ ${'a'.repeat(997)} }`],
    ['a string', `{ a(b: "${'x'.repeat(990)}") }`],
    ['a comment', `{ a } #${'x'.repeat(1_000)}`],
    ['blanks', `{ a }${' '.repeat(1_000)}`],
  ])('is limited, also when it is that of %s', (_name, text) => {
    expect(admitDocument(text, limits)).toMatchObject({
      ok: false,
      error: { originalError: { code: 'QUERY_TOO_COMPLEX', limit: 'characters', figure: text.length } },
    });
    expect(admitDocument(text, DEFAULT_LIMITS)).toMatchObject({ ok: true });
  });

  it('may be reached exactly', () => {
    expect(admitDocument(`{ a }${' '.repeat(995)}`, limits)).toMatchObject({ ok: true });
  });
});
