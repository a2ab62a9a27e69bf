import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { admitDocument } from '../../../../src/operations/limits/admit.ts';
import { DEFAULT_LIMITS } from '../../../../src/operations/limits/limits.ts';
import { findRootCondition } from '../../../../src/operations/limits/root-conditions.ts';

describe('conditions at the root of a subscription', () => {
  it.each([
    'subscription ($x: Boolean!) { changes @include(if: $x) { kind } }',
    'subscription { changes @skip(if: "yes") { kind } }',
    'subscription { changes @include { kind } }',
    'subscription { changes @skip(if: true) { kind } }',
    'subscription { changes @include(if: true) { kind } }',
    'subscription { ... @include(if: $x) { changes { kind } } }',
    'subscription { ...F } fragment F on Subscription { ...F changes @skip(if: $x) { kind } }',
    '{ a } subscription S { changes @skip(if: $x) { kind } }',
  ])('%s is refused', (text) => {
    expect(admitDocument(text, DEFAULT_LIMITS)).toMatchObject({
      ok: false,
      error: { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    });
  });

  it.each([
    'subscription ($x: Boolean!) { changes { kind @include(if: $x) } }',
    'query ($x: Boolean!) { changes @include(if: $x) { kind } }',
    'subscription { changes @other { kind } ...Missing }',
  ])('%s is left to validation', (text) => {
    expect(findRootCondition(parse(text))).toBeUndefined();
  });
});
