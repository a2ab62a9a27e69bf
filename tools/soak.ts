/** Tests that take too long for `npm test`: `npm run test:soak`. Half an hour on two cores. */
import { run } from './run.ts';

process.env.FAULT_CYCLES ??= '100000';
process.env.PIPELINED_REQUESTS ??= '1500';
process.env.FUZZ_REQUESTS ??= '100000';
process.env.CLOCK_ROUNDS ??= '5';
process.env.LIVE_HISTORIES ??= '10000';
process.env.REPLICA_HISTORIES ??= '5000';
process.env.LIVE_READERS ??= '20000';
process.env.EXECUTION_DOCUMENTS ??= '10000';
process.env.EXECUTION_ORDERS ??= '10000';
process.env.FAULT_HISTORIES ??= '50';
const PROMISES = [
  'test/faults/cycles.test.ts',
  'test/faults/clock.test.ts',
  'test/faults/counts.test.ts',
  'test/faults/fairness.test.ts',
  'test/faults/relists.test.ts',
  'test/fuzz',
  'test/live/histories.test.ts',
  'test/live/readers.test.ts',
  'test/live/replica-histories.test.ts',
  'test/unit/executor/documents.test.ts',
  'test/unit/executor/order.test.ts',
];
const ok = [
  run('node', '--expose-gc', 'bin/run.mjs', 'tools/soak-load.ts'),
  run('node', 'bin/run.mjs', 'tools/soak-unread.ts'),
  run('node', 'bin/run.mjs', 'tools/soak-bodies.ts'),
  run('node', 'bin/run.mjs', 'tools/soak-live-share.ts'),
  run('vitest', 'run', ...PROMISES),
];
process.exitCode = ok.every(Boolean) ? 0 : 1;
