/** The proofs that take too long for `npm test`: `npm run test:soak`. Half an hour on two cores. */
import { run } from './run.ts';

process.env.FAULT_CYCLES ??= '100000';
process.env.FUZZ_REQUESTS ??= '100000';
const ok = [
  run('node', '--expose-gc', 'bin/run.mjs', 'tools/soak-load.ts'),
  run('node', 'bin/run.mjs', 'tools/soak-unread.ts'),
  run('vitest', 'run', 'test/faults/cycles.test.ts', 'test/fuzz'),
];
process.exitCode = ok.every(Boolean) ? 0 : 1;
