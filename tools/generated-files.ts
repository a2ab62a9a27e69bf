import { mkdirSync, writeFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { headline, scalingTables } from '../bench/replicas/model.ts';
import { newestRun } from '../bench/replicas/record.ts';
import type { ReplicasRun } from '../bench/replicas/report.ts';
import type { WatcherRun } from '../bench/watcher/report.ts';
import { configExample, configReference } from '../src/config.ts';
import { CLIENT_SCHEMA, writeClientSchema } from './client-schema.ts';
import { FAULT_TABLE, writeFaultTable } from './fault-table.ts';
import { writeBetween } from './markdown.ts';
import { federationSchema, mergedSchema } from './merged-schema.ts';
import { ROOT, run } from './run.ts';

/** Generated files that are committed. */
export const GENERATED = [
  'src/graph/generated.ts',
  'src/waldur/rest.generated.ts',
  'schema/printed/schema.graphql',
  'schema/printed/federation.graphql',
  'docs/configuration.md',
  'docs/scaling.md',
  'README.md',
  '.env.example',
  FAULT_TABLE,
  CLIENT_SCHEMA,
];

/** Writes all generated files. Returns false if a generator failed. @throws for an invalid schema. */
export function generate(): boolean {
  mkdirSync(`${ROOT}schema/printed`, { recursive: true });
  const schema = mergedSchema();
  writeClientSchema(buildSchema(schema));
  writeFileSync(`${ROOT}schema/printed/schema.graphql`, schema);
  writeFileSync(`${ROOT}schema/printed/federation.graphql`, federationSchema(schema));
  writeBetween(`${ROOT}docs/configuration.md`, 'settings', configReference());
  writeFileSync(`${ROOT}.env.example`, configExample());
  writeFaultTable();
  const replicas = newestRun<ReplicasRun>('replicas');
  writeBetween(`${ROOT}docs/scaling.md`, 'scaling', scalingTables(replicas));
  writeBetween(`${ROOT}README.md`, 'scaling', headline(replicas, newestRun<WatcherRun>('watcher')));
  return (
    run('openapi-typescript', 'openapi/waldur.yaml', '-o', 'src/waldur/rest.generated.ts') &&
    run('graphql-codegen', '--config', 'codegen.yml')
  );
}
