import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documents } from './support/documents.ts';
import { jsonText } from './support/json.ts';
import { fuzz, isLong, rarely, TIMEOUT_MS } from './support/run.ts';
import { useTarget } from './support/target.ts';
import { damaged, garbage } from './support/text.ts';

/** Operations over server-sent events, subscriptions more than others; who asked leaves after the first event. */
describe('event streams', () => {
  const target = useTarget();
  const ofSchema = documents('query', 'subscription', 'subscription', 'subscription', 'mutation');
  const inputs = fc.record({
    document: fc.oneof({ weight: 6, arbitrary: ofSchema }, { weight: 2, arbitrary: damaged(ofSchema) }, garbage),
    variables: rarely(jsonText),
  });

  it(
    'are answered or refused',
    async () => {
      const { slope, endMiB, warmMiB } = await fuzz({
        subject: 'streams',
        share: 0.07,
        inputs,
        send: ({ document, variables = 'null' }) =>
          target().stream(`{"query":${JSON.stringify(document)},"variables":${variables}}`),
        between: () => target().settle(),
      });
      expect(endMiB - warmMiB).toBeLessThan(32);
      if (isLong) expect(slope).toBeLessThan(1_000);
    },
    TIMEOUT_MS,
  );
});
