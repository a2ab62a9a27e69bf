import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { ROOT } from './run.ts';

const PRINTED = 'schema/printed/schema.graphql';

const git = (...args: string[]): string | undefined => {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};

/** Compares the printed schema with the one of the last tag. Without a tag there is nothing to break, which is said. */
export async function checkBreakingChanges(): Promise<boolean> {
  const tag = git('describe', '--tags', '--abbrev=0');
  const before = tag && git('show', `${tag}:${PRINTED}`);
  if (!before) {
    console.log('SKIPPED: no tag with a printed schema to compare with.');
    return true;
  }
  const now = readFileSync(ROOT + PRINTED, 'utf8');
  const changes = await diff(buildSchema(before), buildSchema(now));
  const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  for (const { message } of breaking) console.error(`breaking since ${tag}: ${message}`);
  return breaking.length === 0;
}
