import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operations, values } from './support/documents.ts';
import { bulkyJsonText, jsonText } from './support/json.ts';
import { fuzz, isLong, rarely, TIMEOUT_MS } from './support/run.ts';
import { useTarget } from './support/target.ts';
import { damaged, nastyString } from './support/text.ts';

/** The operations that clients send, with variables that hold anything, and request bodies of any form around them. */
describe('variables', () => {
  const target = useTarget();

  /** An object of JSON from the texts of its values. */
  const objectOf = (entries: readonly (readonly [string, string | undefined])[]): string =>
    `{${entries.flatMap(([name, text]) => (text === undefined ? [] : [`${JSON.stringify(name)}:${text}`])).join(',')}}`;

  const requests = fc.constantFrom(...operations).chain((operation) => {
    const given = operation.variables.map(({ name, type }) =>
      fc
        .oneof(
          { weight: 16, arbitrary: values(type) },
          { weight: 2, arbitrary: jsonText },
          { weight: 1, arbitrary: bulkyJsonText },
        )
        .map((text) => [name, text] as const),
    );
    const variables = fc.oneof(
      { weight: 16, arbitrary: fc.tuple(...given).map(objectOf) },
      { weight: 1, arbitrary: jsonText },
      { weight: 1, arbitrary: bulkyJsonText },
    );
    const rest = fc.record({
      operationName: rarely(fc.oneof(fc.constant(JSON.stringify(operation.name)), jsonText)),
      extensions: rarely(jsonText),
      stranger: rarely(jsonText),
    });
    return fc.tuple(variables, rest).map(([text, { operationName, extensions, stranger }]) =>
      objectOf([
        ['query', JSON.stringify(operation.text)],
        ['variables', text],
        ['operationName', operationName],
        ['extensions', extensions],
        ['__proto__', stranger],
      ]),
    );
  });

  const inputs = fc.record({
    body: fc.oneof({ weight: 12, arbitrary: requests }, { weight: 2, arbitrary: damaged(requests) }, jsonText),
    as: rarely(nastyString),
  });

  it(
    'and bodies are answered, whatever they hold',
    async () => {
      const { slope, endMiB, warmMiB } = await fuzz({
        subject: 'variables',
        share: 0.2,
        inputs,
        send: ({ body, as }) =>
          target().post(
            body,
            as === undefined
              ? {}
              : {
                  authorization: Buffer.from(as)
                    .toString('latin1')
                    .replace(/[^\x20-\x7e\x80-\xff]/g, ''),
                },
          ),
        between: () => target().settle(),
      });
      expect(endMiB - warmMiB).toBeLessThan(32);
      if (isLong) expect(slope).toBeLessThan(200);
    },
    TIMEOUT_MS,
  );
});
