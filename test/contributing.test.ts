import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * Follows CONTRIBUTING.md: applies the patches that it shows to a copy of the repository, generates, type-checks, and sends its
 * queries to the gateway of the copy.
 */
const ROOT = path.resolve(import.meta.dirname, '..');
const PARTS = [
  'bin',
  'openapi',
  'schema',
  'simulator',
  'src',
  'tools',
  'docs',
  'clients',
  // The figures of the documents are generated, too.
  'bench/lib',
  'bench/live',
  'bench/replicas',
  'bench/results',
  'test/faults',
  'test/recordings',
];
const FILES = ['package.json', 'tsconfig.json', 'codegen.yml', '.env.example', 'README.md'];
/** Takes documents, and prints the answers of a gateway of the copy with its embedded Waldur, a line each. */
const SEND = `
import { configWith } from './src/config.ts';
import { createGateway } from './src/gateway.ts';
const gateway = await createGateway(configWith({ port: 0, simulatorPort: 0, logLevel: 'silent' }));
const token = gateway.simulator.tokens().find(({ role }) => role === 'staff').token;
const headers = { 'content-type': 'application/json', authorization: 'Token ' + token };
for (const query of process.argv.slice(2)) {
  const response = await fetch(gateway.url + '/graphql', { method: 'POST', headers, body: JSON.stringify({ query }) });
  console.log(JSON.stringify(await response.json()));
}
await gateway.close();
`;

interface Block {
  readonly language: string;
  readonly lines: readonly string[];
}

/** The fenced blocks of a chapter, without the indentation of the list that they stand in. */
function blocksOf(chapter: string): Block[] {
  const page = readFileSync(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const text = page.split(/^## /m).find((part) => part.startsWith(`${chapter}\n`));
  if (text === undefined) throw new Error(`CONTRIBUTING.md has no chapter ${chapter}`);
  return [...text.matchAll(/^( *)```([^\n]+)\n(.*?)^ *```$/gms)].map(([, indent = '', language = '', body = '']) => ({
    language,
    lines: body
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(indent.length)),
  }));
}

/** Applies one patch. Its first line names the file; its context must occur there exactly once. */
function apply(copy: string, [header = '', ...lines]: readonly string[]): string {
  const name = header.replace(/^--- /, '');
  const file = path.join(copy, name);
  const before = lines.filter((line) => !line.startsWith('+')).map((line) => line.slice(1));
  const after = lines.filter((line) => !line.startsWith('-')).map((line) => line.slice(1));
  const parts = readFileSync(file, 'utf8').split(`${before.join('\n')}\n`);
  if (parts.length !== 2) throw new Error(`The context of a patch occurs ${parts.length - 1} times in ${name}.`);
  writeFileSync(file, parts.join(`${after.join('\n')}\n`));
  return name;
}

describe('CONTRIBUTING.md', () => {
  const copy = mkdtempSync(path.join(tmpdir(), 'contributing-'));
  const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: copy });
  const chapters = ['Adding a field', 'Adding a filter'];

  beforeAll(() => {
    for (const part of [...PARTS, ...FILES]) cpSync(path.join(ROOT, part), path.join(copy, part), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
    const tsconfig = { extends: './tsconfig.json', include: ['src', 'simulator'] };
    writeFileSync(path.join(copy, 'tsconfig.walk.json'), JSON.stringify(tsconfig));
    writeFileSync(path.join(copy, 'send.mjs'), SEND);
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it.each(chapters)('%s: its patches apply', (chapter) => {
    const patches = blocksOf(chapter).filter(({ language }) => language === 'diff');
    const patched = patches.map(({ lines }) => apply(copy, lines));
    expect(patched).toHaveLength(4);
    expect(new Set(patched).size).toBe(4);
  });

  it('the patched copy generates and type-checks', { timeout: 180_000 }, async () => {
    // Both reject on an exit code other than 0.
    await expect(run('bin/run.mjs', 'tools/generate.ts')).resolves.toBeDefined();
    await expect(run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.walk.json')).resolves.toBeDefined();
  });

  it(`the queries run: ${chapters.join(', ')}`, { timeout: 60_000 }, async () => {
    const textOf = (chapter: string, wanted: string): string =>
      blocksOf(chapter)
        .find(({ language }) => language === wanted)
        ?.lines.join('\n') ?? '';
    const { stdout } = await run('send.mjs', ...chapters.map((chapter) => textOf(chapter, 'graphql')));
    const answers = stdout.trimEnd().split('\n');
    expect(answers.map((line) => JSON.parse(line))).toEqual(
      chapters.map((chapter) => JSON.parse(textOf(chapter, 'json answer'))),
    );
  });
});
