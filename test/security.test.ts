import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../src/config.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const text = readFileSync(path.join(ROOT, 'SECURITY.md'), 'utf8');
const quoted = [...text.matchAll(/`([^`\n]+)`/g)].map(([, inside]) => inside ?? '');

describe('SECURITY.md', () => {
  it('names existing files and tests', () => {
    const files = quoted.filter((name) => /^(?:src|test|tools|docs|bench)\//.test(name) || name === '.npmrc');
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((name) => !existsSync(path.join(ROOT, name)))).toEqual([]);
  });

  it('names existing settings', () => {
    const variables = new Set(Object.values(SETTINGS).map(({ variable }): string => variable));
    const named = quoted.map((name) => name.replace(/=.*/, '')).filter((name) => /^[A-Z][A-Z_]{3,}$/.test(name));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !variables.has(name))).toEqual([]);
  });

  it('has valid links', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, target]) => target ?? '');
    expect(links.filter((link) => globSync(link, { cwd: ROOT }).length === 0)).toEqual([]);
  });
});
