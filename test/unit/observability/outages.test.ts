import { expect, it } from 'vitest';
import { outageLog } from '../../../src/observability/outages.ts';

function recorded() {
  const lines: unknown[] = [];
  const write = (level: string) => (details: object, message: string) => void lines.push([level, details, message]);
  return { lines, log: outageLog({ warn: write('warn'), info: write('info') }) };
}

it('says once that an outage began, and once that it is over', () => {
  const { lines, log } = recorded();
  log.began(new Error('The status is 503.'));
  log.over(12_345);
  expect(lines).toEqual([
    ['warn', { reason: 'The status is 503.' }, 'Waldur cannot be reached'],
    ['info', { outageSeconds: 12.3 }, 'Waldur can be reached again'],
  ]);
});

it('gives the reason of each address of a name', () => {
  const { lines, log } = recorded();
  log.began(
    new AggregateError([new Error('connect ECONNREFUSED ::1:1'), new Error('connect ECONNREFUSED 127.0.0.1:1')]),
  );
  const reason = 'connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1';
  expect(lines).toEqual([['warn', { reason }, 'Waldur cannot be reached']]);
});
