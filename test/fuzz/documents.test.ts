import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documents } from './support/documents.ts';
import { fuzz, isLong, TIMEOUT_MS } from './support/run.ts';
import { useTarget } from './support/target.ts';
import { damaged, garbage } from './support/text.ts';

/** Documents over HTTP: as the schema wants them, damaged, and mere noise. */
describe('documents', () => {
  const target = useTarget();
  const ofSchema = documents('query', 'query', 'query', 'mutation', 'subscription');
  const inputs = fc.record({
    document: fc.oneof({ weight: 6, arbitrary: ofSchema }, { weight: 3, arbitrary: damaged(ofSchema) }, garbage),
    byGet: fc.nat(5).map((roll) => roll === 0),
  });

  it(
    'are answered, whatever they are',
    async () => {
      const { slope, endMiB, warmMiB } = await fuzz({
        subject: 'documents',
        share: 0.36,
        inputs,
        send: ({ document, byGet }) =>
          byGet && document.length < 1_000
            ? target().get(`/graphql?query=${encodeURIComponent(document.toWellFormed())}`)
            : target().post(JSON.stringify({ query: document })),
        between: () => target().settle(),
      });
      expect(endMiB - warmMiB).toBeLessThan(32);
      if (isLong) expect(slope).toBeLessThan(200);
    },
    TIMEOUT_MS,
  );
});
