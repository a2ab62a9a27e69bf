import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const graphql = createRequire(import.meta.url).resolve('graphql');

/**
 * Each has a worker of its own: they measure their process, replace a module of Node, or compute for long, which takes several times as long among
 * the objects of other files. All other files share workers, which load the gateway's modules once.
 */
const OWN_WORKER = [
  'test/faults/{clock,cycles,fairness,logging,outages,process,relists,sockets,unread,upstream,waldur}.test.ts',
  'test/fuzz/*.test.ts',
  'test/live/{cost,histories,memory,pace,replica-histories}.test.ts',
  'test/sockets/{demo,readers}.test.ts',
  'test/unit/operations/{bounds,documents}.test.ts',
  'test/unit/runtime/chunk-buffer.test.ts',
  'test/waldur/{long-answer,safety}.test.ts',
];

const FILES = globSync('test/**/*.test.ts', { cwd: import.meta.dirname, exclude: (name) => name === 'node_modules' });

/** Test files that import a helper of test/support. */
const importing = (helper: string): string[] =>
  FILES.filter((file) => readFileSync(path.join(import.meta.dirname, file), 'utf8').includes(`/support/${helper}.ts'`));

const CHROMIUM = importing('browser');
const REDIS_OR_NGINX = [...importing('redis'), 'test/faults/rolling-restart.test.ts'];

/** What `npm test`, `npm run test:browser` and `npm run test:cluster` run. */
const SUITES: Readonly<Record<string, readonly string[]>> = {
  // Needs Node alone, so that it takes a newcomer neither an installation nor more than some minutes.
  node: FILES.filter((file) => ![...CHROMIUM, ...REDIS_OR_NGINX].includes(file)),
  browser: CHROMIUM,
  cluster: REDIS_OR_NGINX,
};

/** Set by tools/test.ts. Without it, as in an editor, every file is in. */
const suite = process.env.SUITE;
const LEFT_OUT = suite === undefined ? [] : FILES.filter((file) => SUITES[suite]?.includes(file) !== true);

/** Files that take longer than ten seconds on two cores, the longest first. */
const LONG = [
  ...['explorer/browser', 'live/pace', 'faults/shared-streams', 'faults/replica-processes', 'conformance/broken'],
  ...['dashboard/hostile', 'dashboard/browser', 'faults/redis', 'faults/tampered-streams', 'dashboard/changes'],
  ...['faults/unread', 'conformance/manners', 'dashboard/sessions', 'contributing', 'faults/waldur', 'faults/process'],
  ...['simulator/replay', 'main', 'faults/logging', 'dashboard/availability', 'dashboard/look', 'faults/clock'],
  ...['faults/fairness', 'faults/disconnects', 'sockets/hints', 'faults/outages', 'sockets/bounds', 'faults/relists'],
  ...['faults/rolling-restart', 'live/memory', 'explorer/prefix', 'faults/cycles', 'faults/sockets'],
  ...[
    'graph/available-actions',
    'faults/pace',
    'live/replica-histories',
    'graph/wrong-columns',
    'conformance/embedded',
  ],
  ...['live/hints', 'live/cost', 'faults/replicas', 'clients/package', 'live/histories', 'docs'],
].map((name) => path.join(import.meta.dirname, `test/${name}.test.ts`));

/**
 * Long files begin first, so that the run does not end with one that runs alone. Those with a worker of their own come before all others: a
 * shared worker ends when the next file is not for it.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ project, moduleId }: TestSpecification): number => {
      const place = LONG.indexOf(moduleId);
      return (project.name === 'own worker' ? 0 : 2 * LONG.length) + (place < 0 ? LONG.length : place);
    };
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  // Vite would take graphql's other build than Node does, and two of them in one process refuse to work together.
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
  test: {
    projects: [
      { extends: true, test: { name: 'own worker', include: OWN_WORKER, exclude: LEFT_OUT } },
      {
        extends: true,
        test: {
          name: 'shared worker',
          include: ['test/**/*.test.ts'],
          exclude: [...OWN_WORKER, ...LEFT_OUT, '**/node_modules/**'],
          isolate: false,
        },
      },
    ],
    // Many tests wait for sockets, and those of replicas for Redis, so more workers than the two cores of the reference machine keep both busy.
    maxWorkers: suite === 'cluster' ? 4 : 3,
    // Of the tests of one file that wait for real time together; a group of tests counts as well as each test in it.
    maxConcurrency: 20,
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
