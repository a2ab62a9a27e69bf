/** An object of the answer, as it grows. */
export type Answer = Record<string, unknown>;

export interface Answers {
  /** Makes the object that takes the fields of a selection. */
  readonly blank: () => Answer;
  /** One with all keys, in no answer: while it lives, V8 keeps the class of the others, and what it compiled for that (decision 14). */
  readonly kept: Answer;
}

/**
 * Makes the empty objects of one selection, to which its keys are assigned in the same order each time.
 *
 * Engines place what is assigned to a `{}` in a store beside it that is made anew every few keys. Of a function's objects they learn
 * the size, and the assignments in its body, though never reached, make the first ones large enough: objects of twenty keys are built
 * in half the time and printed a third faster. Prototype and behaviour are those of `{}`.
 *
 * @param keys in the order in which they are assigned.
 */
export function answersOf(keys: readonly string[]): Answers {
  const blank = blankOf(keys);
  const kept = blank();
  for (const key of keys) kept[key] = null;
  return { blank, kept };
}

function blankOf(keys: readonly string[]): () => Answer {
  // An object with a prototype would not take it.
  if (keys.includes('__proto__')) return () => Object.create(null) as Answer;
  const Plain = function (this: Answer, reserve: boolean): void {
    if (!reserve) return;
    this.a = this.b = this.c = this.d = this.e = this.f = this.g = this.h = null;
    this.i = this.j = this.k = this.l = this.m = this.n = this.o = this.p = null;
    this.q = this.r = this.s = this.t = this.u = this.v = this.w = this.x = null;
  } as unknown as new (
    reserve: boolean,
  ) => Answer;
  Plain.prototype = Object.prototype;
  return () => new Plain(false);
}
