import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { READING, WRITING } from '../../tools/conformance/checks/index.ts';
import { linkTo } from '../../tools/conformance/contract.ts';

const ALL = [...READING, ...WRITING];
const CONTRACT = 'docs/upstream-contract.md';
const text = readFileSync(fileURLToPath(new URL(`../../${CONTRACT}`, import.meta.url)), 'utf8');

/** Anchors as GitHub makes them: lower case, without punctuation, hyphens for blanks. */
const headings = [...text.matchAll(/^#{1,6} (.*)$/gm)].map(([, title = '']) => ({
  title,
  anchor: title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-'),
}));

describe('the list of checks', () => {
  it('has a unique id for each check', () => {
    const ids = ALL.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+(?:-[a-z]+)*\.[a-z0-9_-]+$/.test(id))).toEqual([]);
  });

  it('describes each in one sentence', () => {
    expect(ALL.map(({ statement }) => statement).filter((line) => !/^[^\n]{10,140}\.$/.test(line))).toEqual([]);
  });

  it('links each to the heading of its section in the contract', () => {
    const dead = ALL.filter(({ section }) => {
      const [path, anchor] = linkTo(section).split('#');
      const heading = headings.find((one) => one.anchor === anchor);
      return path !== CONTRACT || !heading?.title.match(/^[\d.]*\d/)?.[0].includes(section);
    });
    expect(dead.map(({ id }) => id)).toEqual([]);
  });
});
