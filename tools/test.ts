/** The whole test suite with its coverage: `npm test`. Arguments go to vitest, and then coverage is not judged. */
import { run } from './run.ts';

const args = process.argv.slice(2);
const ok = args.length > 0 ? run('vitest', 'run', ...args) : run('vitest', 'run', '--coverage');
process.exitCode = ok ? 0 : 1;
