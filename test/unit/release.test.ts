import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { judgeChanges } from '../../tools/breaking-changes.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PRINTED = 'schema/printed/schema.graphql';
const RELEASED = 'schema/printed/released.graphql';
const ACCEPTED = 'schema/printed/accepted.json';
/** Parts that get the version of the gateway. */
const RELEASED_TOO = ['clients/live/package.json', 'deploy/helm/waldur-snapshots-gateway/Chart.yaml'];
const CHANGELOG = '# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A repository of its own with the files that a release is made from, at 1.2.3. */
function repository() {
  const folder = mkdtempSync(path.join(tmpdir(), 'release-'));
  folders.push(folder);
  for (const part of ['bin', 'tools', 'schema', 'package.json', 'package-lock.json', '.gitignore']) {
    cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  }
  for (const part of RELEASED_TOO) cpSync(path.join(ROOT, part), path.join(folder, part));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
  const write = (file: string, text: string) => writeFileSync(path.join(folder, file), text);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
  const commit = () => {
    git('add', '--all');
    git('commit', '--quiet', '--message', 'Change');
  };
  const node = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    return { status, out: stdout, err: stderr };
  };
  write('package.json', read('package.json').replace(/"version": "[^"]*"/, '"version": "1.2.3"'));
  write('CHANGELOG.md', CHANGELOG);
  write(RELEASED, read(PRINTED));
  write(ACCEPTED, '{}\n');
  git('init', '--quiet');
  git('config', 'user.name', 'Somebody');
  git('config', 'user.email', 'somebody@example.org');
  git('config', 'commit.gpgsign', 'false');
  git('config', 'tag.gpgsign', 'false');
  commit();
  return {
    read,
    write,
    git,
    commit,
    node,
    release: (...args: string[]) => node('bin/run.mjs', 'tools/release.ts', ...args),
  };
}

/** `Snapshot.displayStatus` may be null from now on. */
const broken = (schema: string) => schema.replace('displayStatus: String!', 'displayStatus: String');
const CHECK = [
  '--input-type=module',
  '--eval',
  "import { checkBreakingChanges } from './tools/breaking-changes.ts'; process.exit((await checkBreakingChanges()) ? 0 : 1);",
];

describe('npm run release', () => {
  it('sets the version, dates the changelog, keeps the schema, commits and tags', () => {
    const { read, write, git, commit, release } = repository();
    write(PRINTED, read(PRINTED).replace('type Query {', 'type Query {\n  new: Int'));
    commit();
    expect(release('1.3.0')).toMatchObject({ status: 0, err: '' });
    const lock = JSON.parse(read('package-lock.json'));
    expect([JSON.parse(read('package.json')).version, lock.version, lock.packages[''].version]).toEqual(
      Array(3).fill('1.3.0'),
    );
    expect(JSON.parse(read('clients/live/package.json')).version).toBe('1.3.0');
    expect(read('deploy/helm/waldur-snapshots-gateway/Chart.yaml')).toMatch(/^version: 1\.3\.0\nappVersion: 1\.3\.0$/m);
    expect(read('CHANGELOG.md')).toMatch(
      /^# Changelog\n\n## Unreleased\n\n## 1\.3\.0 - \d{4}-\d\d-\d\d\n\n### Added\n\n- A thing\.\n$/,
    );
    expect(read(RELEASED)).toBe(read(PRINTED));
    expect(git('status', '--porcelain')).toBe('');
    expect(git('log', '-1', '--format=%s')).toBe('Release 1.3.0');
    expect(git('rev-list', '-1', 'v1.3.0')).toBe(git('rev-parse', 'HEAD'));
    expect(release('1.3.1').err).toBe('release: CHANGELOG.md has nothing under "Unreleased"\n');
  });

  it('tags a version whose files are prepared', () => {
    const { read, write, git, commit, release } = repository();
    const prepared = CHANGELOG.replace('## Unreleased', '## Unreleased\n\n## 1.2.3 - 2026-01-01');
    write('CHANGELOG.md', `${CHANGELOG}\n## 1.2.3 - 2026-01-01\n\n- Another.\n`);
    commit();
    expect(release('1.2.3')).toMatchObject({ status: 1, err: expect.stringContaining('section for 1.2.3; move') });
    write('CHANGELOG.md', prepared);
    commit();
    expect(release('1.2.3')).toMatchObject({ status: 0, err: '' });
    expect(read('CHANGELOG.md')).toBe(prepared);
    expect(git('rev-list', '-1', 'v1.2.3')).toBe(git('rev-parse', 'HEAD'));
  });

  it('changes nothing in a dry run', () => {
    const { git, release } = repository();
    const { status, out } = release('2.0.0', '--dry-run');
    expect(status).toBe(0);
    expect(out).toContain('would write package.json\n');
    expect(out).toContain('would commit and tag v2.0.0\n');
    expect([git('status', '--porcelain'), git('tag'), git('rev-list', '--count', 'HEAD')]).toEqual(['', '', '1']);
  });

  it('refuses an invalid release with a message', () => {
    const { write, git, release } = repository();
    expect(release()).toMatchObject({ status: 1, err: 'release: usage: npm run release -- X.Y.Z [--dry-run]\n' });
    expect(release('1.3')).toMatchObject({ status: 1, err: 'release: the version must be X.Y.Z, got "1.3"\n' });
    expect(release('1.2.2')).toMatchObject({ status: 1, err: 'release: 1.2.2 is older than 1.2.3\n' });
    expect(release('1.3.0', '--wet-run')).toMatchObject({ status: 1, err: expect.stringContaining('--wet-run') });
    git('tag', 'v1.3.0');
    expect(release('1.3.0')).toMatchObject({ status: 1, err: 'release: the tag v1.3.0 already exists\n' });
    write('new.txt', '');
    expect(release('1.4.0')).toMatchObject({ status: 1, err: expect.stringContaining('not clean:\n?? new.txt') });
  });

  it('releases a breaking change with a major version only, and then forgets that it was accepted', () => {
    const { read, write, commit, release } = repository();
    write(PRINTED, broken(read(PRINTED)));
    write(ACCEPTED, '{ "Snapshot.displayStatus": "nobody reads it" }\n');
    commit();
    expect(release('1.3.0')).toMatchObject({ status: 1, err: expect.stringContaining('Snapshot.displayStatus') });
    expect(release('2.0.0').status).toBe(0);
    expect(read(ACCEPTED)).toBe('{}\n');
    expect(read(RELEASED)).toBe(read(PRINTED));
  });
});

describe('the check for breaking changes', () => {
  it('fails in any clone, without a tag, until the change is accepted', () => {
    const { read, write, node } = repository();
    expect(node(...CHECK)).toMatchObject({ status: 0, err: '' });
    write(PRINTED, broken(read(PRINTED)));
    expect(node(...CHECK)).toMatchObject({ status: 1, err: expect.stringContaining('Snapshot.displayStatus: Field') });
    write(ACCEPTED, '{ "Snapshot.displayStatus": "nobody reads it" }\n');
    expect(node(...CHECK)).toMatchObject({ status: 0, err: '' });
    write(PRINTED, read(RELEASED));
    expect(node(...CHECK)).toMatchObject({ status: 1, err: expect.stringContaining('Snapshot.displayStatus') });
  });

  it.each([
    ['a type that changes', 'type Query { a: Int }', 'type Query { a: String }', 'Query.a'],
    ['a new required argument', 'type Query { a: Int }', 'type Query { a(b: Int!): Int }', 'Query.a.b'],
    ['a value that is gone', 'type Query { a: E } enum E { A B }', 'type Query { a: E } enum E { A }', 'E.B'],
    ['a type that is gone', 'type Query { a: Int } type T { a: Int }', 'type Query { a: Int }', 'T'],
  ])('%s breaks, and can be accepted there', async (_what, released, now, place) => {
    const judged = await judgeChanges(released, now);
    expect(judged.broken.map((line) => line.split(':')[0])).toEqual([place]);
    expect(await judgeChanges(released, now, { [place]: 'why' })).toEqual({ broken: [], needless: [] });
    expect((await judgeChanges(released, now, { 'Query.other': 'why' })).broken).toHaveLength(1);
    expect(await judgeChanges(now, now, { [place]: 'why' })).toEqual({ broken: [], needless: [place] });
  });

  it('an addition does not break', async () => {
    const now = 'type Query { a(b: Int): Int c: Int }';
    expect(await judgeChanges('type Query { a: Int }', now)).toEqual({ broken: [], needless: [] });
  });
});
