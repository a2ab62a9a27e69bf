import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { getIntrospectionQuery, Kind } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createSchema } from '../../../../src/graph/schema.ts';
import { admitDocument } from '../../../../src/operations/limits/admit.ts';
import { analyze, checkCost } from '../../../../src/operations/limits/cost.ts';
import { DEFAULT_LIMITS, LIMITS } from '../../../../src/operations/limits/limits.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../operations');
const files = globSync('*.graphql', { cwd: FOLDER }).sort();
const schema = createSchema();

/** What each operation of a document costs. @throws what the limits have against it. */
function costsOf(text: string, variables: Record<string, unknown> = {}): number[] {
  const admission = admitDocument(text, DEFAULT_LIMITS);
  if (!admission.ok) throw admission.error;
  const { document } = admission;
  return document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map((operation) => checkCost(analyze(schema, document, operation), variables, DEFAULT_LIMITS));
}

describe('documents as clients send them', () => {
  it('exist', () => expect(files).toContain('snapshots.graphql'));

  it.each(files)('%s is within every limit, the largest page included', (file) => {
    const uuids = Array.from({ length: 100 }, () => 'a'.repeat(32));
    const variables = { first: 1000, last: 1000, uuids, ids: uuids, input: { uuids } };
    const costs = costsOf(readFileSync(path.join(FOLDER, file), 'utf8'), variables);
    expect(costs.length).toBeGreaterThan(0);
    for (const rows of costs) expect(rows).toBeGreaterThan(0);
  });

  it('the introspection of tools is within the limits', () => {
    expect(costsOf(getIntrospectionQuery())[0]).toBeLessThan(20_000);
  });
});

describe('the limits', () => {
  it('have the documented values', () => {
    expect(DEFAULT_LIMITS).toMatchObject({
      tokens: 5_000,
      depth: 15,
      aliases: 50,
      rootFields: 30,
      directives: 50,
      rows: 50_000,
      listItems: 100,
      variableItems: 1_000,
    });
    expect(Object.keys(DEFAULT_LIMITS)).toEqual(expect.arrayContaining(Object.keys(LIMITS)));
  });
});
