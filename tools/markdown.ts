import { readFileSync, writeFileSync } from 'node:fs';

/** Replaces the content between `<!-- NAME -->` and `<!-- /NAME -->` in a file. @throws if the markers are missing. */
export function writeBetween(file: string, name: string, content: string): void {
  const text = readFileSync(file, 'utf8');
  const open = `<!-- ${name} -->`;
  const close = `<!-- /${name} -->`;
  const from = text.indexOf(open);
  const to = text.indexOf(close);
  if (from < 0 || to < from) throw new Error(`${file} has no ${open} ... ${close}`);
  writeFileSync(file, `${text.slice(0, from + open.length)}\n\n${content.trim()}\n\n${text.slice(to)}`);
}
