import fc from 'fast-check';
import { type GraphQLSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { both } from './support/both.ts';
import { documents } from './support/documents.ts';
import { madeUpContext, madeUpSchema, realSchema } from './support/graph.ts';
import { useUnhandled } from './support/unhandled.ts';
import { variables } from './support/variables.ts';
import { World } from './support/world.ts';

/** `EXECUTION_DOCUMENTS` sets the number of documents, more in `npm run test:soak`; `EXECUTION_SEED` the seed. */
const numRuns = Number(process.env.EXECUTION_DOCUMENTS ?? 500);
const seed = Number(process.env.EXECUTION_SEED ?? 20_241_025);

/** What was compared. Checked at the end, so that a broken generator fails the test. */
const seen = { documents: 0, validated: 0, valid: 0, withErrors: 0, withData: 0, bytes: 0 };

describe('generated documents', () => {
  const unhandled = useUnhandled();

  async function compare(
    schema: GraphQLSchema,
    source: string,
    given: object,
    operationName: string | undefined,
    worldSeed: number,
  ) {
    const { compiled, interpreted } = await both({
      schema,
      source,
      variables: { ...given },
      ...(operationName !== undefined && { operationName }),
      context: () => madeUpContext(new World(worldSeed)),
      afterPlan: async () => expect(await unhandled.take()).toBe(0),
    });
    // Rejections that graphql-js leaves unhandled do not count.
    await unhandled.take();
    expect(compiled).toBe(interpreted);
    seen.documents += 1;
    if (seen.documents % 10 === 0) {
      seen.validated += 1;
      seen.valid += validate(schema, parse(source)).length === 0 ? 1 : 0;
    }
    seen.withErrors += compiled.startsWith('{"errors"') ? 1 : 0;
    seen.withData += compiled.endsWith('"data":null}') ? 0 : 1;
    seen.bytes += compiled.length;
  }

  it('have the same results as in graphql-js, byte for byte', async () => {
    console.info(`documents: seed ${seed}, ${numRuns} documents`);
    const schemas = [realSchema, madeUpSchema];
    await fc.assert(
      fc.asyncProperty(
        documents(realSchema),
        variables,
        fc.nat(),
        async ({ source, operationName }, given, worldSeed) => {
          const schema = /^mutation/m.test(source) ? madeUpSchema : schemas[worldSeed % 2];
          if (schema) await compare(schema, source, given, operationName, worldSeed);
        },
      ),
      { numRuns, seed },
    );
    console.info(`documents: ${JSON.stringify(seen)}`);
    expect(seen.documents).toBe(numRuns);
    expect(seen.valid).toBeGreaterThan(seen.validated * 0.9);
    expect(seen.withErrors).toBeGreaterThan(numRuns * 0.3);
    expect(seen.withData).toBeGreaterThan(numRuns * 0.5);
  }, 120_000);
});
