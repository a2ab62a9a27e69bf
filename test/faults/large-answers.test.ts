import { describe, expect, it, vi } from 'vitest';
import type { Config } from '../../src/config.ts';
import { at, type GraphQLAnswer, useGateway, uuidOf } from '../support/gateway.ts';

/** Many answers of the upstream that are large, at once. */

const MIB = 2 ** 20;
const CONCURRENCY = 16;
/** A quarter of all exchanges. */
const WAITING = CONCURRENCY / 4;
const SNAPSHOTS = '/api/openstack-snapshots/';
const headers = { 'content-type': 'application/json', 'x-result-count': '1' };
const row = { uuid: uuidOf.snapshot('rw-target'), name: 'large' };
/** Its list is empty. */
const compressed = { path: SNAPSHOTS, gzipBombMiB: 3, headers: { ...headers, 'x-result-count': '0' } };
/** Each one alone is three times the budget. */
const large = { path: SNAPSHOTS, status: 200, headers, body: JSON.stringify([row]) + ' '.repeat(3 * MIB) };
/** The caller may have all exchanges, so only the budget bounds it. */
const settings = { upstreamBodiesMib: 1, upstreamConcurrency: CONCURRENCY, upstreamCallerConcurrency: CONCURRENCY };

/** A gateway, and what asks it. Queries are distinct, or one answer would serve them all. */
function useSmallBudget(config: Partial<Config> = {}) {
  const gateway = useGateway({ ...settings, ...config });
  const ask = (n: number) => gateway().query(`{ snapshots(filter: { name: "n${n}" }) { nodes { name } } }`);
  const askMany = (count: number, from = 0) => Array.from({ length: count }, (_, n) => ask(from + n));
  return { gateway, ask, askMany };
}

const codesOf = (answers: readonly GraphQLAnswer[]) =>
  answers.map(({ errors }) => errors?.[0]?.extensions.code ?? 'OK');

describe('case 49: large responses are limited in total', () => {
  const { gateway, askMany } = useSmallBudget();

  it('all are answered up to the number that may wait, plain or compressed', async () => {
    for (const [i, fault] of [large, compressed].entries()) {
      gateway().simulator.faults.clear();
      gateway().simulator.faults.add(fault);
      const answers = await Promise.all(askMany(1 + WAITING, i * 100));
      expect(codesOf(answers)).toEqual(Array.from({ length: 1 + WAITING }, () => 'OK'));
    }
  });

  it('above that number some are answered, and the others are refused', async () => {
    gateway().simulator.faults.add(large);
    const codes = codesOf(await Promise.all(askMany(CONCURRENCY)));
    expect(codes).toContain('OK');
    expect(codes.filter((code) => code !== 'OK' && code !== 'UPSTREAM_BUSY')).toEqual([]);
  });
});

describe('case 49: large responses that stall', () => {
  const { gateway, ask, askMany } = useSmallBudget({ upstreamAttemptTimeoutMs: 3_000, upstreamTimeoutMs: 3_000 });

  it('one continues, some wait, the others are refused, and small ones are served', async () => {
    // Each one stalls where it needs more than the budget, so none but the oldest comes as far.
    gateway().simulator.faults.add({ ...large, stallAfter: 2 * MIB });
    const refused: unknown[] = [];
    const all = askMany(12).map(async (asked) => {
      const answer = await asked;
      refused.push(answer.errors?.[0]?.extensions);
      return answer;
    });
    await vi.waitFor(() => expect(refused).toHaveLength(12 - 1 - WAITING), { timeout: 2_000, interval: 5 });
    for (const extensions of refused) expect(extensions).toMatchObject({ code: 'UPSTREAM_BUSY', retryAfterSeconds: 1 });

    // A compressed one counts with what it inflates to.
    gateway().simulator.faults.clear();
    gateway().simulator.faults.add(compressed);
    expect(codesOf([await ask(100)])).toEqual(['UPSTREAM_BUSY']);
    const small = await gateway().query('{ volumes(first: 2) { nodes { uuid } } }', { as: 'support' });
    expect(small.errors).toBeUndefined();
    expect(at(small.data, 'volumes', 'nodes', 0, 'uuid')).toBeTypeOf('string');
    expect(refused).toHaveLength(12 - 1 - WAITING);

    // Who waited for memory in vain is refused too; only the one that the upstream kept waiting says so.
    const codes = codesOf(await Promise.all(all));
    expect(codes.filter((code) => code === 'UPSTREAM_TIMEOUT')).toHaveLength(1);
    expect(codes.filter((code) => code === 'UPSTREAM_BUSY')).toHaveLength(11);

    gateway().simulator.faults.clear();
    gateway().simulator.faults.add(large);
    expect(codesOf([await ask(200)])).toEqual(['OK']);
  });
});
