import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createSchema } from '../../../src/graph/schema.ts';
import { createDocuments } from '../../../src/operations/documents.ts';
import { DEFAULT_LIMITS } from '../../../src/operations/limits/limits.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const heapMiB = (): number => {
  gc();
  return process.memoryUsage().heapUsed / 1_048_576;
};

describe('documents judged before', () => {
  const judge = createDocuments({ schema: createSchema(), introspection: true, limits: DEFAULT_LIMITS });

  it('are not judged again', () => {
    expect(judge('{ __typename }')).toBe(judge('{ __typename }'));
  });

  it('take bounded memory, however many there are and whatever they are made of', () => {
    const states = 'OK '.repeat(3_250);
    const before = heapMiB();
    for (let i = 0; i < 400; i += 1) {
      expect(judge(`query Q${i} { snapshots(filter: {state: [${states}]}) { totalCount } }`).ok).toBe(true);
    }
    expect(heapMiB() - before).toBeLessThan(80);
  });
});
