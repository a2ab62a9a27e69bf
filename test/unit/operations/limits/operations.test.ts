import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type GraphQLSchema, getIntrospectionQuery, Kind, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createSchema } from '../../../../src/graph/schema.ts';
import { admitDocument } from '../../../../src/operations/limits/admit.ts';
import { DEFAULT_LIMITS, LIMITS } from '../../../../src/operations/limits/limits.ts';
import { checkCost, formulaOf } from '../../../../src/operations/limits/operation.ts';
import { limitRules } from '../../../../src/operations/limits/structure.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../operations');
const files = globSync('*.graphql', { cwd: FOLDER }).sort();
const schema: GraphQLSchema = createSchema();

describe('documents as clients send them', () => {
  it('are there', () => expect(files).toContain('snapshots.graphql'));

  it.each(files)('%s keeps to every limit, the largest page included', (file) => {
    const admission = admitDocument(readFileSync(path.join(FOLDER, file), 'utf8'), DEFAULT_LIMITS);
    if (!admission.ok) throw admission.error;
    const { document } = admission;
    expect(validate(schema, document, limitRules(DEFAULT_LIMITS))).toEqual([]);
    for (const operation of document.definitions) {
      if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
      const input = { uuids: Array.from({ length: 100 }, () => 'a'.repeat(32)) };
      const rows = checkCost(
        formulaOf({ schema, document, operation }),
        { first: 1000, last: 1000, uuids: input.uuids, ids: input.uuids, input },
        DEFAULT_LIMITS,
      );
      expect(rows).toBeGreaterThan(0);
    }
  });

  it('so does the introspection of tools', () => {
    const admission = admitDocument(getIntrospectionQuery(), DEFAULT_LIMITS);
    if (!admission.ok) throw admission.error;
    const { document } = admission;
    const [operation] = document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
    expect(checkCost(formulaOf({ schema, document, operation }), {}, DEFAULT_LIMITS)).toBeLessThan(20_000);
  });
});

describe('the limits', () => {
  it('are those that were promised', () => {
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

  it('as a rule of validation are reported once and first', () => {
    const admission = admitDocument('{ nothing a: nothing b: nothing }', DEFAULT_LIMITS);
    if (!admission.ok) throw admission.error;
    const errors = validate(schema, admission.document, limitRules({ ...DEFAULT_LIMITS, aliases: 1, rootFields: 2 }));
    expect(errors.map((error) => error.extensions.code)).toEqual(['QUERY_TOO_COMPLEX']);
    expect(errors[0]?.locations).toEqual([{ line: 1, column: 1 }]);
  });
});
