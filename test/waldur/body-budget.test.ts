import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BodyBudget, type BodyHolder, FREE_BYTES, type Verdict } from '../../src/waldur/body-budget.ts';

const MIB = 1_048_576;
const budgetOf = (mostWaiting = 2): BodyBudget => new BodyBudget({ bytes: MIB, mostWaiting });

function bodyOf(): BodyHolder & { wentOn: number } {
  return {
    wentOn: 0,
    goOn() {
      this.wentOn += 1;
    },
  };
}

it('small bodies always continue, and do not count', () => {
  const budget = budgetOf();
  expect(budget.hold(bodyOf(), 10 * MIB)).toBe('go');
  const before = budget.used;
  for (let i = 0; i < 100; i++) expect(budget.hold(bodyOf(), FREE_BYTES)).toBe('go');
  expect(budget.used).toBe(before);
});

it('when it is full, the oldest continues, a limited number wait, and the next is refused', () => {
  const budget = budgetOf();
  const [oldest, second, third, fourth] = [bodyOf(), bodyOf(), bodyOf(), bodyOf()];
  expect(budget.hold(oldest, 20 * MIB)).toBe('go');
  expect(budget.hold(second, MIB)).toBe('wait');
  expect(budget.hold(third, MIB)).toBe('wait');
  expect(budget.hold(fourth, MIB)).toBe('refused');
  expect(budget.hold(second, MIB)).toBe('wait');
  budget.release(fourth);
  budget.release(oldest);
  // The next oldest has 768 KiB beyond what is free, the third one too: no room for both.
  expect([second.wentOn, third.wentOn]).toEqual([1, 0]);
  expect(budget.hold(second, 20 * MIB)).toBe('go');
  budget.release(second);
  expect(third.wentOn).toBe(1);
  budget.release(third);
  budget.release(third);
  expect(budget.used).toBe(0);
});

it('a waiting body that is given up releases its place', () => {
  const budget = budgetOf(1);
  const [oldest, second, third] = [bodyOf(), bodyOf(), bodyOf()];
  budget.hold(oldest, 2 * MIB);
  expect(budget.hold(second, MIB)).toBe('wait');
  budget.release(second);
  expect(budget.hold(third, MIB)).toBe('wait');
  budget.release(oldest);
  expect([second.wentOn, third.wentOn]).toEqual([0, 1]);
});

it('all bodies that are not refused complete within the limit, in any order and of any size', () => {
  const STEP = 64 * 1024;
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 8 }), fc.infiniteStream(fc.nat()), (steps, mostWaiting, choices) => {
      const budget = budgetOf(mostWaiting);
      const bodies = steps.map((left) => ({
        left,
        size: 0,
        verdict: 'go' as Verdict,
        goOn() {
          this.verdict = 'go';
        },
      }));
      const largest = Math.max(...steps) * STEP;
      const running = () => bodies.filter(({ left, verdict }) => left > 0 && verdict === 'go');
      for (let able = running(); able.length > 0; able = running()) {
        const body = able[(choices.next().value ?? 0) % able.length];
        if (body === undefined) break;
        body.size += STEP;
        body.left -= 1;
        body.verdict = budget.hold(body, body.size);
        expect(budget.used).toBeLessThanOrEqual(MIB + largest + bodies.length * STEP);
        if (body.verdict === 'refused' || (body.left === 0 && body.verdict === 'go')) budget.release(body);
        // What waits with all its bytes here goes on to its end when it is told to.
        for (const done of bodies) if (done.left === 0 && done.verdict === 'go') budget.release(done);
      }
      expect(bodies.filter(({ verdict }) => verdict === 'wait')).toEqual([]);
      expect(budget.used).toBe(0);
    }),
  );
});
