import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/waldur/exchange.ts';
import { UpstreamHealth } from '../../src/waldur/health.ts';
import { VirtualClock } from './support/virtual-clock.ts';

const answer = (status: number): Outcome => ({ kind: 'answer', status, headers: {}, body: '' });

const setup = () => {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const health = new UpstreamHealth({
    now: clock.now,
    onOutage: ({ message }) => void lines.push(message),
    onRecovery: (ms) => void lines.push(`over after ${ms} ms`),
  });
  const all = (count: number, outcome: Outcome): void => {
    for (let i = 0; i < count; i += 1) health.record(outcome);
  };
  return { clock, health, lines, all };
};

describe('the health of the upstream', () => {
  it.each([
    ['500', answer(500)],
    ['503', answer(503)],
    ['no connection', { kind: 'unreachable' } as const],
    ['resets', { kind: 'reset' } as const],
  ])('%s in every response is one outage, and the first success ends it', (_, failure) => {
    const { clock, health, lines, all } = setup();
    all(1, answer(200));
    all(4, failure);
    expect(health.isDown).toBe(false);
    all(100, failure);
    expect(health.isDown).toBe(true);
    clock.ms += 3_000;
    all(3, answer(404));
    expect([health.isDown, lines]).toEqual([false, [expect.any(String), 'over after 3000 ms']]);
  });

  it('failures among successes are no outage', () => {
    const { health, lines, all } = setup();
    for (let i = 0; i < 100; i += 1) {
      all(4, answer(503));
      all(1, answer(200));
    }
    expect([health.isDown, lines.length]).toEqual([false, 2]);
  });

  it.each([
    ['timeouts', { kind: 'timeout', sent: true } as const],
    ['timeouts of a proxy', answer(504)],
    ['calls that were given up', { kind: 'aborted', sent: true } as const],
  ])('%s say nothing', (_, outcome) => {
    const { health, all } = setup();
    all(100, outcome);
    expect(health.isDown).toBe(false);
  });

  it('the first failed connection of a quiet gateway is an outage with its reason, a single 500 is none', () => {
    const { clock, health, lines, all } = setup();
    all(1, answer(200));
    clock.ms += 60_000;
    all(1, answer(500));
    expect(health.isDown).toBe(false);
    health.noConnection(new Error('connect ECONNREFUSED'));
    all(1, { kind: 'unreachable' });
    expect(lines).toEqual(['connect ECONNREFUSED']);
  });

  it('a successful probe ends an outage only when no call has failed for a while', () => {
    const { clock, health, all } = setup();
    all(20, answer(500));
    expect([health.recordProbe(answer(200)), health.isDown]).toEqual([true, true]);
    clock.ms += 10_000;
    expect([health.recordProbe(answer(401)), health.isDown]).toEqual([true, false]);
  });

  it.each([[answer(503)], [{ kind: 'timeout', sent: true } as const], [{ kind: 'unreachable' } as const]])(
    'a probe that fails with %j shows an outage',
    (outcome) => {
      const { health, lines } = setup();
      expect([health.recordProbe(outcome), health.isDown, lines.length]).toEqual([false, true, 1]);
    },
  );
});
