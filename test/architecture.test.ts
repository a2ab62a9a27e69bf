import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** What each layer may import, itself apart. An arrow that is not here is wrong; see docs/architecture.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  main: ['gateway', 'config', 'observability'],
  gateway: [
    'config',
    'http',
    'graphql',
    'loaders',
    'live',
    'waldur',
    'auth',
    'cache',
    'errors',
    'observability',
    'resources',
    'simulator',
  ],
  http: ['graphql', 'live', 'auth', 'errors', 'latest', 'pieces', 'rounds', 'stop', 'observability'],
  graphql: ['loaders', 'live', 'waldur', 'resources', 'auth', 'cache', 'errors', 'latest', 'stop'],
  loaders: ['waldur', 'resources', 'cache', 'auth', 'errors', 'latest', 'stop'],
  live: ['waldur', 'resources', 'auth', 'errors'],
  waldur: ['resources', 'auth', 'errors', 'latest', 'pieces', 'rounds', 'stop'],
  simulator: ['resources'],
  resources: [],
  pieces: [],
  rounds: [],
  auth: [],
  cache: [],
  config: ['auth'],
  errors: [],
  latest: [],
  observability: [],
  stop: [],
};

const SRC = path.resolve(import.meta.dirname, '../src');
const files = globSync('**/*.ts', { cwd: SRC });

/** `graphql/fields/read.ts` -> `graphql`, `config.ts` -> `config`. */
const layerOf = (file: string): string => file.split(path.sep)[0]?.replace(/\.ts$/, '') ?? '';

const importsOf = (file: string): string[] =>
  [...readFileSync(path.join(SRC, file), 'utf8').matchAll(/from '(\.[^']+)'/g)].flatMap(([, target]) =>
    target === undefined ? [] : [path.relative(SRC, path.resolve(SRC, path.dirname(file), target))],
  );

describe('imports point down', () => {
  it('knows every layer', () => {
    expect([...new Set(files.map(layerOf))].filter((layer) => !(layer in MAY_IMPORT))).toEqual([]);
  });

  it.each(Object.keys(MAY_IMPORT))('%s', (layer) => {
    const wrong = files
      .filter((file) => layerOf(file) === layer)
      .flatMap((file) => importsOf(file).map((target) => ({ file, target, to: layerOf(target) })))
      .filter(({ to }) => to !== layer && !MAY_IMPORT[layer]?.includes(to))
      .map(({ file, target }) => `${file} -> ${target}`);
    expect(wrong).toEqual([]);
  });

  it('only entry points touch the process', () => {
    const entries = ['main.ts', path.join('simulator', 'main.ts')];
    const touching = files.filter(
      (file) => !entries.includes(file) && /\bprocess\s*\./.test(readFileSync(path.join(SRC, file), 'utf8')),
    );
    expect(touching).toEqual([]);
  });

  it('the simulator takes only the vocabulary from the rest', () => {
    const taken = files
      .filter((file) => layerOf(file) === 'simulator')
      .flatMap(importsOf)
      .filter((target) => layerOf(target) === 'resources');
    expect([...new Set(taken)]).toEqual([path.join('resources', 'states.ts')]);
  });
});
