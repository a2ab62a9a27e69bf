import { defineConfig } from 'vitest/config';

// `npm test` starts a real gateway, so the first test takes some seconds.
export default defineConfig({ test: { setupFiles: './dom.ts', testTimeout: 60_000, hookTimeout: 60_000 } });
