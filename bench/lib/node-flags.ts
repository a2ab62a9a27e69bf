import { readFileSync } from 'node:fs';
import path from 'node:path';

const MANIFEST = path.resolve(import.meta.dirname, '../../package.json');
const { scripts } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { scripts: { start: string } };

const words = scripts.start.split(' ');

/** What Node is told when the gateway is started by `npm start`: the words before its program. */
export const NODE_FLAGS: readonly string[] = words
  .slice(0, words.indexOf('bin/run.mjs'))
  .filter((word) => word.startsWith('--'));
