import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { AnswerCache } from '../../../src/cache/answers.ts';
import { openMemory } from '../../../src/cache/store.ts';
import { createSchema } from '../../../src/graph/schema.ts';
import { Documents } from '../../../src/operations/documents.ts';
import { DEFAULT_LIMITS } from '../../../src/operations/limits/limits.ts';
import { ResponseCache } from '../../../src/operations/response-cache.ts';

/** What clients make the gateway remember is bounded by its size, not by its number alone. */
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const heapMiB = (): number => {
  gc();
  return process.memoryUsage().heapUsed / 1_048_576;
};

describe('the caches of the gateway', () => {
  it('for documents use bounded memory, whatever their number and content', () => {
    const documents = new Documents({ schema: createSchema(), introspection: true, limits: DEFAULT_LIMITS });
    const states = 'OK '.repeat(3_250);
    const before = heapMiB();
    for (let i = 0; i < 100; i += 1) {
      const text = `query Q${i} { snapshots(filter: {state: [${states}]}) { totalCount } }`;
      expect(documents.validate(text).ok).toBe(true);
    }
    // Half of them are kept; all would take 80 MiB.
    expect(heapMiB() - before).toBeLessThan(60);
  });

  it('for responses count the request of each entry, and evict the least recently used', () => {
    const cache = new AnswerCache({
      store: openMemory({ maxBytes: 1_000_000 }),
      ttlMs: 1_000,
      staleMs: 0,
      now: () => 0,
    });
    const responses = new ResponseCache({ cache, maxBytes: 8_000_000, now: () => 0 });
    const tally = { calls: 1, saved: 0, ms: 0, oldestAt: 0, stale: false, repeatable: true };
    const request = (i: number) => `${i}${'x'.repeat(1_000_000)}`;
    for (let i = 0; i < 10; i += 1) {
      responses.keep('caller', request(i), { body: '{}', contentType: '' }, responses.generation('caller'), tally);
    }
    expect(responses.find('caller', request(9))).toMatchObject({ body: '{}' });
    expect(responses.find('caller', request(5))).toBeUndefined();
  });
});
