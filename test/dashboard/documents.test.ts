import { parse, validate } from 'graphql';
import { expect, it } from 'vitest';
import * as documents from '../../pages/live/documents.ts';
import { createSchema } from '../../src/graph/schema.ts';

const schema = createSchema();
const { ROW_FIELDS, ...operations } = documents;
const stream = `subscription { snapshotChanges { kind snapshot { ${ROW_FIELDS} } } }`;

it.each(Object.entries({ ...operations, stream }))('%s is valid', (_name, document) => {
  expect(validate(schema, parse(document))).toEqual([]);
});
