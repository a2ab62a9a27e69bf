import { add, multiply } from './limits.ts';

/** Values of the variables, coerced. */
export type Variables = Readonly<Record<string, unknown>>;

/** A number that may depend on variables. Parts that do not are worked out when the expression is made. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'sum' | 'product' | 'greatest'; readonly terms: readonly Expression[] }
  | { readonly kind: 'read'; readonly read: (variables: Variables) => number }
  /** Used at several places and worked out once; without it a tree of fragments would be worked out exponentially often. */
  | { readonly kind: 'shared'; readonly slot: number; readonly of: Expression };

type Combination = 'sum' | 'product' | 'greatest';

const COMBINE: Readonly<Record<Combination, { of: (a: number, b: number) => number; neutral: number }>> = {
  sum: { of: add, neutral: 0 },
  product: { of: multiply, neutral: 1 },
  // Of numbers that are never negative.
  greatest: { of: Math.max, neutral: 0 },
};

export const number = (value: number): Expression => ({ kind: 'number', value });

export const ZERO = number(0);

const combine =
  (kind: Combination) =>
  (...terms: readonly Expression[]): Expression => {
    const { of, neutral } = COMBINE[kind];
    let known = neutral;
    const open: Expression[] = [];
    for (const term of terms) {
      if (term.kind === 'number') known = of(known, term.value);
      else open.push(term);
    }
    if (kind === 'product' && known === 0) return ZERO;
    if (known !== neutral) open.push(number(known));
    const [first] = open;
    if (first === undefined) return number(known);
    return open.length === 1 ? first : { kind, terms: open };
  };

export const sum = combine('sum');
export const product = combine('product');
export const greatest = combine('greatest');

export const read = (from: (variables: Variables) => number): Expression => ({ kind: 'read', read: from });

export const shared = (slot: number, of: Expression): Expression =>
  of.kind === 'number' ? of : { kind: 'shared', slot, of };

/** @param known values of shared expressions, by slot; empty at first. */
export function evaluate(expression: Expression, variables: Variables, known: number[]): number {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'read':
      return expression.read(variables);
    case 'shared': {
      const value = known[expression.slot] ?? evaluate(expression.of, variables, known);
      known[expression.slot] = value;
      return value;
    }
    case 'sum':
    case 'product':
    case 'greatest': {
      const { of, neutral } = COMBINE[expression.kind];
      let total = neutral;
      for (const term of expression.terms) total = of(total, evaluate(term, variables, known));
      return total;
    }
  }
}
