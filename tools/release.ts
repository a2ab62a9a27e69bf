/**
 * Makes a release:
 *
 *     npm run release -- X.Y.Z [--dry-run]
 *
 * Sets the version, adds it to the changelog, stores the schema as the released one, commits and tags. It does not push.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ACCEPTED, judgeChanges, PRINTED, RELEASED } from './breaking-changes.ts';
import { ROOT } from './run.ts';

/** Parts that are released with the gateway, under its version. */
const CLIENT = 'clients/live/package.json';
const CHART = 'deploy/helm/waldur-snapshots-gateway/Chart.yaml';

/** The reason why a release is not possible, as one line. */
class ReleaseError extends Error {}

type Version = readonly [major: number, minor: number, patch: number];

const read = (file: string): string => readFileSync(ROOT + file, 'utf8');
const asJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new ReleaseError(`git ${args[0]} failed: ${stderr.trim()}`);
  return stdout.trim();
}

function parseVersion(text: string): Version {
  const [, major, minor, patch] = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(text) ?? [];
  if (patch === undefined) throw new ReleaseError(`the version must be X.Y.Z, got "${text}"`);
  return [Number(major), Number(minor), Number(patch)];
}

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/** Whether breaking changes are allowed: a new major version, before 1.0.0 also a new minor version. */
const mayBreak = (from: Version, to: Version): boolean => to[0] > from[0] || (from[0] === 0 && to[1] > from[1]);

/** Moves the changes under "Unreleased" to the version, unless the version has its own section already. */
function withRelease(changelog: string, version: string): string {
  const [before, after] = changelog.split(/^## Unreleased$/m);
  if (before === undefined || after === undefined) throw new ReleaseError('CHANGELOG.md has no "## Unreleased"');
  const [changes = '', ...sections] = after.split(/^## /m);
  const isUnreleased = changes.trim() !== '';
  const hasSection = sections.some((section) => section.startsWith(`${version} - `));
  if (isUnreleased && hasSection) {
    throw new ReleaseError(`CHANGELOG.md has a section for ${version}; move the changes under "Unreleased" to it`);
  }
  if (hasSection) return changelog;
  if (!isUnreleased) throw new ReleaseError('CHANGELOG.md has nothing under "Unreleased"');
  const today = new Date().toISOString().slice(0, 10);
  return `${before}## Unreleased\n\n## ${version} - ${today}${after}`;
}

/** The lock file contains the version twice. */
function withVersion(lock: { packages: Record<string, object> }, version: string): object {
  const { '': root, ...packages } = lock.packages;
  return { ...lock, version, packages: { '': { ...root, version }, ...packages } };
}

async function release(version: string, dryRun: boolean): Promise<void> {
  const wanted = parseVersion(version);
  const manifest = JSON.parse(read('package.json'));
  const current = parseVersion(manifest.version);
  const tag = `v${version}`;
  const changes = git('status', '--porcelain');
  if (changes !== '') throw new ReleaseError(`the working tree is not clean:\n${changes}`);
  if (git('tag', '--list', tag) !== '') throw new ReleaseError(`the tag ${tag} already exists`);
  if (compare(wanted, current) < 0) throw new ReleaseError(`${version} is older than ${manifest.version}`);
  const { broken } = await judgeChanges(read(RELEASED), read(PRINTED));
  if (broken.length > 0 && !mayBreak(current, wanted)) {
    throw new ReleaseError(
      `${version} must not have breaking changes of the schema of ${manifest.version}:\n${broken.join('\n')}`,
    );
  }
  const files: Readonly<Record<string, string>> = {
    'package.json': asJson({ ...manifest, version }),
    'package-lock.json': asJson(withVersion(JSON.parse(read('package-lock.json')), version)),
    'CHANGELOG.md': withRelease(read('CHANGELOG.md'), version),
    [CLIENT]: asJson({ ...JSON.parse(read(CLIENT)), version }),
    [CHART]: read(CHART).replaceAll(/^(version|appVersion): .*$/gm, `$1: ${version}`),
    [RELEASED]: read(PRINTED),
    [ACCEPTED]: asJson({}),
  };
  const changed = Object.entries(files).filter(([file, text]) => text !== read(file));
  for (const [file] of changed) console.log(`${dryRun ? 'would write' : 'writing'} ${file}`);
  if (dryRun) {
    console.log(`would commit and tag ${tag}`);
    return;
  }
  for (const [file, text] of changed) writeFileSync(ROOT + file, text);
  // Nothing is left to write if the release was prepared by hand.
  if (changed.length > 0) {
    git('add', '--', ...changed.map(([file]) => file));
    git('commit', '--quiet', '--message', `Release ${version}`);
  }
  git('tag', '--annotate', '--message', `Release ${version}`, tag);
  console.log(`tagged ${tag}; publish it with: git push --follow-tags`);
}

try {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { 'dry-run': { type: 'boolean' } } });
  const [version, ...more] = positionals;
  if (version === undefined || more.length > 0) throw new ReleaseError('usage: npm run release -- X.Y.Z [--dry-run]');
  await release(version, values['dry-run'] ?? false);
} catch (error) {
  const isUserError = error instanceof ReleaseError || (error instanceof TypeError && 'code' in error);
  console.error(`release: ${isUserError ? error.message : error instanceof Error ? error.stack : error}`);
  process.exitCode = 1;
}
