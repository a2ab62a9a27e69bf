import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const graphql = createRequire(import.meta.url).resolve('graphql');

/**
 * Each has a worker of its own: they measure the memory of their process, replace a module of Node, or run long. All other files share workers, which
 * load the gateway's modules once.
 */
const OWN_WORKER = [
  'test/faults/{clock,cycles,fairness,logging,outages,process,relists,replica-processes,rolling-restart,sockets,unread,upstream,waldur}.test.ts',
  'test/fuzz/*.test.ts',
  'test/live/{cost,histories,memory,replica-histories}.test.ts',
  'test/sockets/{demo,readers}.test.ts',
  'test/unit/operations/{bounds,documents}.test.ts',
  'test/unit/runtime/chunk-buffer.test.ts',
  'test/waldur/{long-answer,safety}.test.ts',
];

/** Long files begin first, so that the run does not end with one that runs alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = (file: TestSpecification): boolean => file.project.name === 'own worker';
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  // Vite would take graphql's other build than Node does, and two of them in one process refuse to work together.
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
  test: {
    projects: [
      { extends: true, test: { name: 'own worker', include: OWN_WORKER } },
      {
        extends: true,
        test: {
          name: 'shared worker',
          include: ['test/**/*.test.ts'],
          exclude: [...OWN_WORKER, '**/node_modules/**'],
          isolate: false,
        },
      },
    ],
    // Many tests wait for sockets, so more workers than the two cores of the reference machine keep both of them busy.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Files of a shared worker must not see each other's spies.
    restoreMocks: true,
    // Otherwise several workers would build the same bundle at the same time.
    globalSetup: 'test/support/bundle.ts',
    // Tests wait on conditions, never on time; this bound only ends one that hangs.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: {
      requireAssertions: true,
      // Only ends a poll that hangs; the second that is Vitest's own default is too little for a busy machine.
      poll: { timeout: 20_000 },
    },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'simulator/**/*.ts'],
      exclude: ['src/**/generated.ts', 'src/**/*.generated.ts', 'src/main.ts', 'simulator/main.ts'],
      thresholds: { lines: 90, branches: 90 },
    },
  },
});
