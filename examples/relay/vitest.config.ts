import { transformAsync } from '@babel/core';
import { defineConfig, type Plugin } from 'vitest/config';

/** Replaces the `graphql` tags by what relay-compiler has made of them. In an application this is a plugin of the bundler. */
const relay: Plugin = {
  name: 'relay',
  enforce: 'pre',
  async transform(code, id) {
    if (!code.includes('graphql`')) return undefined;
    const result = await transformAsync(code, {
      filename: id,
      configFile: false,
      sourceMaps: true,
      parserOpts: { plugins: ['typescript', 'jsx'] },
      plugins: [['relay', { eagerEsModules: true }]],
    });
    return result?.code == null ? undefined : { code: result.code, map: result.map ?? null };
  },
};

// `npm test` starts a real gateway, so the first test takes some seconds.
export default defineConfig({
  plugins: [relay],
  test: { setupFiles: './dom.ts', testTimeout: 60_000, hookTimeout: 60_000 },
});
