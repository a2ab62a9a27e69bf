import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configExample, configReference, loadConfig, SETTINGS } from '../../src/config.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

describe('documents of the settings', () => {
  it('docs/configuration.md contains the reference', () =>
    expect(read('docs/configuration.md')).toContain(configReference().trim()));
  it('.env.example is the example', () => expect(read('.env.example')).toBe(configExample()));

  it('every line of the example can be used unchanged', () => {
    const lines = configExample().matchAll(/^#([A-Z_]+)=(.*)$/gm);
    const env = Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
    expect(Object.keys(env)).toHaveLength(Object.keys(SETTINGS).length);
    expect(loadConfig(env)).toEqual(loadConfig({}));
  });
});
