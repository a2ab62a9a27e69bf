import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

const graphql = createRequire(import.meta.url).resolve('graphql');

export default defineConfig({
  // Vite would take graphql's other build than Node does, and two of them in one process refuse to work together.
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
  test: {
    include: ['test/**/*.test.ts'],
    // Tests wait on conditions, never on time; this bound only ends one that hangs.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // So do polls; the second that is Vitest's own default is too little for a browser on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'simulator/**/*.ts'],
      exclude: ['src/**/generated.ts', 'src/**/*.generated.ts', 'src/main.ts', 'simulator/main.ts'],
      thresholds: { lines: 90, branches: 90 },
    },
  },
});
