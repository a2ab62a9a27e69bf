import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readErrorBody, textOf } from '../../src/waldur/error-bodies.ts';

const fields = (entries: Record<string, string[]>) => ({ shape: 'fields', fields: new Map(Object.entries(entries)) });

describe('error bodies', () => {
  it.each([
    ['{"detail": "Invalid token."}', { shape: 'detail', detail: 'Invalid token.' }, 'Invalid token.'],
    ['{"name": ["A.", "B."], "size": ["C."]}', fields({ name: ['A.', 'B.'], size: ['C.'] }), 'A. B. C.'],
    [
      '{"non_field_errors": ["No data provided"]}',
      fields({ non_field_errors: ['No data provided'] }),
      'No data provided',
    ],
    ['{"metadata": {"a": ["Deep.", {"b": "Deeper."}]}}', fields({ metadata: ['Deep.', 'Deeper.'] }), 'Deep. Deeper.'],
    ['{"detail": ["In a list."]}', fields({ detail: ['In a list.'] }), 'In a list.'],
    ['{"name": "Bare."}', fields({ name: ['Bare.'] }), 'Bare.'],
    ['{}', fields({}), undefined],
    [
      '["Resource does not have backend ID."]',
      { shape: 'messages', messages: ['Resource does not have backend ID.'] },
      'Resource does not have backend ID.',
    ],
    ['[]', { shape: 'messages', messages: [] }, undefined],
    ['{"tried": [[{"a": 1}]], "path": "api/x"}', { shape: 'unroutable' }, undefined],
    ['', { shape: 'empty' }, undefined],
    [' \n', { shape: 'empty' }, undefined],
    ['<html>canary</html>', { shape: 'unreadable' }, undefined],
    ['"text"', { shape: 'unreadable' }, undefined],
    ['null', { shape: 'unreadable' }, undefined],
  ])('%s', (body, read, text) => {
    expect(readErrorBody(body)).toEqual(read);
    expect(textOf(readErrorBody(body))).toBe(text);
  });

  it('are limited in size', () => {
    const long = readErrorBody(JSON.stringify({ detail: 'x'.repeat(5_000) }));
    expect(textOf(long)).toHaveLength(1_000);
    const many = readErrorBody(JSON.stringify(Array.from({ length: 500 }, () => 'x')));
    expect(many.shape === 'messages' && many.messages.length).toBe(50);
    expect(readErrorBody(`["${'x'.repeat(1_100_000)}"]`)).toEqual({ shape: 'unreadable' });
  });

  it('are read whatever they contain, without side effects', () => {
    const nested = `${'['.repeat(100_000)}"deep"${']'.repeat(100_000)}`;
    expect(textOf(readErrorBody(nested))).toBe('deep');
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
        expect(() => textOf(readErrorBody(body))).not.toThrow();
      }),
    );
    const polluting = readErrorBody('{"__proto__": ["A."], "constructor": ["B."]}');
    expect(polluting.shape === 'fields' && [...polluting.fields.keys()]).toEqual(['__proto__', 'constructor']);
  });

  it('have no message without a body', () => {
    expect(textOf(undefined)).toBeUndefined();
  });
});
