import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DOCS = path.join(ROOT, 'docs');
const FEATURES = [
  'Query',
  'Page',
  'Cache update',
  'Optimistic change',
  'Live',
  'Resume',
  'Error codes',
  'Token renewal',
];
const clients = globSync('examples/*/package.json', { cwd: ROOT }).map((file) => path.dirname(file));

/** The cells of each line of the table in docs/clients.md; the first line has the names of the columns. */
const [header, ...table] = readFileSync(path.join(DOCS, 'clients.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.slice(2, -2).split(' | '));

/** The problem with a cell; undefined when it has none. */
function problemOf(cell: string, folder: string): string | undefined {
  const [, file = '', title = ''] = /^\[yes\]\((\S+) "([^"]+)"\)$/.exec(cell) ?? [];
  if (file === '') return /^[A-Z]?[^[\]]+\.$/.test(cell) ? undefined : `${cell} is neither a test nor a sentence`;
  const target = path.join(DOCS, file);
  if (path.relative(ROOT, path.dirname(target)) !== folder) return `${file} is not a file of ${folder}`;
  const text = existsSync(target) ? readFileSync(target, 'utf8') : '';
  const isThere = file.endsWith('.py') ? text.includes(`def ${title}(`) : text.includes(`test('${title}', `);
  return isThere ? undefined : `${file} has no test "${title}"`;
}

describe('the table of docs/clients.md', () => {
  it('has a column for each feature, and a line for each example', () => {
    expect(header).toEqual(['Client', ...FEATURES]);
    const lines = table.map(([client = '']) => /\]\(\.\.\/(.*)\/README\.md\)$/.exec(client)?.[1]);
    expect(lines.sort()).toEqual(clients.sort());
  });

  it.each(table.map((cells) => [cells[0] ?? '', cells] as const))(
    '%s: each cell names a test, or is a sentence',
    (client, cells) => {
      const folder = /\]\(\.\.\/(.*)\/README\.md\)$/.exec(client)?.[1] ?? '';
      const features = cells.slice(1);
      expect(features).toHaveLength(FEATURES.length);
      expect(features.map((cell) => problemOf(cell, folder)).filter((problem) => problem !== undefined)).toEqual([]);
    },
  );
});

describe.each(clients)('%s', (folder) => {
  it('has a README and pinned packages', () => {
    const manifest = JSON.parse(readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8'));
    expect(existsSync(path.join(ROOT, folder, 'README.md'))).toBe(true);
    const needsPackages = manifest.dependencies !== undefined || manifest.devDependencies !== undefined;
    expect(existsSync(path.join(ROOT, folder, 'package-lock.json'))).toBe(needsPackages);
  });
});

describe('npm run test:clients', () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['bin/run.mjs', 'tools/test-clients.ts', ...args], { cwd: ROOT });

  it('runs the chosen example', async () => {
    const { stdout } = await run('fetch');
    expect(stdout).toMatch(/^fetch +\d+\.\d s +passed$/m);
  });

  it('fails for an unknown one, and names those that exist', async () => {
    await expect(run('nobody')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('python-gql') });
  });
});
