import { setFlagsFromString } from 'node:v8';
import { expect, it } from 'vitest';
import { answersOf } from '../../../src/graphql/execution/answers.ts';

setFlagsFromString('--allow-natives-syntax');
const haveSameClass = new Function('one', 'other', 'return %HaveSameMap(one, other)') as (
  one: object,
  other: object,
) => boolean;

it.each([
  [['snapshot']],
  [['a', 'b', 'c']],
  [Array.from({ length: 30 }, (_, n) => `field${n}`)],
  [['__proto__', 'name']],
])('what is kept has the hidden class of what is answered: %j', (keys) => {
  const { blank, kept } = answersOf(keys);
  const values = ['text', 1, 0.5, null, { inner: true }, ['list'], Promise.resolve()];
  const answered = Array.from({ length: 50 }, () => {
    const answer = blank();
    keys.forEach((key, n) => {
      answer[key] = values[n % values.length];
    });
    return answer;
  });
  expect(Object.keys(kept)).toEqual(keys);
  if (!keys.includes('__proto__')) expect(answered.every((answer) => haveSameClass(answer, kept))).toBe(true);
});
