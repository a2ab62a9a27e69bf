/** Writes every generated file again: `npm run generate`. `npm run check` fails when this would change anything. */
import { generate } from './generated-files.ts';

process.exitCode = generate() ? 0 : 1;
