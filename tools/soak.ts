/** The proofs that take too long for `npm test`: `npm run test:soak`. */
import { run } from './run.ts';

process.env.FAULT_CYCLES ??= '100000';
process.env.FUZZ_REQUESTS ??= '100000';
process.exitCode = run('vitest', 'run', 'test/faults/cycles.test.ts', 'test/fuzz') ? 0 : 1;
