import { expect, it } from 'vitest';
import { outageLog } from '../../../src/observability/outages.ts';

function told(): { lines: unknown[]; tell: (reason: Error) => void; pass: (ms: number) => void } {
  const lines: unknown[] = [];
  let now = 1_000_000;
  const tell = outageLog({ warn: (details, message) => lines.push([details, message]) }, () => now);
  const pass = (ms: number): void => {
    now += ms;
  };
  return { lines, tell, pass };
}

it('logs one line for all failures within ten seconds', () => {
  const { lines, tell, pass } = told();
  for (let n = 0; n < 100; n += 1) tell(new Error('first'));
  pass(9_999);
  tell(new Error('too early'));
  pass(1);
  tell(new Error('later'));
  expect(lines).toEqual([
    [{ reason: 'first' }, 'Waldur cannot be reached'],
    [{ reason: 'later' }, 'Waldur cannot be reached'],
  ]);
});

it('logs the reason for each address of a name', () => {
  const { lines, tell } = told();
  tell(new AggregateError([new Error('connect ECONNREFUSED ::1:1'), new Error('connect ECONNREFUSED 127.0.0.1:1')]));
  const reason = 'connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1';
  expect(lines).toEqual([[{ reason }, 'Waldur cannot be reached']]);
});
