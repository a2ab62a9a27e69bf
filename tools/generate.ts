/** Writes all generated files: `npm run generate`. `npm run check` fails if this would change a file. */
import { generate } from './generated-files.ts';

process.exitCode = generate() ? 0 : 1;
