import { mkdirSync, writeFileSync } from 'node:fs';
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { configExample, configReference } from '../src/config.ts';
import { readTypeDefs } from '../src/graph/typedefs.ts';
import { CLIENT_SCHEMA, writeClientSchema } from './client-schema.ts';
import { FAULT_TABLE, writeFaultTable } from './fault-table.ts';
import { writeBetween } from './markdown.ts';
import { ROOT, run } from './run.ts';

/** Generated files that are committed. */
export const GENERATED = [
  'src/graph/generated.ts',
  'src/waldur/rest.generated.ts',
  'schema/printed/schema.graphql',
  'docs/configuration.md',
  '.env.example',
  FAULT_TABLE,
  CLIENT_SCHEMA,
];

/** Writes all generated files. Returns false if a generator failed. */
export function generate(): boolean {
  mkdirSync(`${ROOT}schema/printed`, { recursive: true });
  const schema = lexicographicSortSchema(buildSchema(readTypeDefs()));
  const printed = printSchema(schema);
  writeFileSync(`${ROOT}schema/printed/schema.graphql`, `${printed}\n`);
  writeBetween(`${ROOT}docs/configuration.md`, 'settings', configReference());
  writeFileSync(`${ROOT}.env.example`, configExample());
  writeFaultTable();
  writeClientSchema(schema);
  return (
    run('openapi-typescript', 'openapi/waldur.yaml', '-o', 'src/waldur/rest.generated.ts') &&
    run('graphql-codegen', '--config', 'codegen.yml')
  );
}
