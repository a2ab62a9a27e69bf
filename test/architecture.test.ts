import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** What each layer may import, itself apart. An arrow that is not here is wrong; see docs/architecture.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  main: ['gateway', 'config'],
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
  config: [],
  errors: [],
  latest: [],
  observability: [],
  stop: [],
};

const ROOT = path.resolve(import.meta.dirname, '..');
const files = globSync('{src,simulator}/**/*.ts', { cwd: ROOT });

/** `src/graphql/fields/read.ts` -> `graphql`, `src/config.ts` -> `config`, `simulator/clock.ts` -> `simulator`. */
const layerOf = (file: string): string => {
  const [top = '', inside = ''] = file.split(path.sep);
  return top === 'src' ? inside.replace(/\.ts$/, '') : top;
};

const importsOf = (file: string): string[] =>
  [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/from '(\.[^']+)'/g)].flatMap(([, target]) =>
    target === undefined ? [] : [path.relative(ROOT, path.resolve(ROOT, path.dirname(file), target))],
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
    const entries = ['src', 'simulator'].map((top) => path.join(top, 'main.ts'));
    const touching = files.filter(
      (file) => !entries.includes(file) && /\bprocess\s*\./.test(readFileSync(path.join(ROOT, file), 'utf8')),
    );
    expect(touching).toEqual([]);
  });

  it('the simulator takes only the vocabulary from the rest', () => {
    const taken = files
      .filter((file) => layerOf(file) === 'simulator')
      .flatMap(importsOf)
      .filter((target) => layerOf(target) !== 'simulator');
    expect([...new Set(taken)]).toEqual([path.join('src', 'resources', 'states.ts')]);
  });

  it('one file of the gateway knows the simulator', () => {
    const knowing = files.filter(
      (file) => layerOf(file) !== 'simulator' && importsOf(file).some((target) => layerOf(target) === 'simulator'),
    );
    expect(knowing).toEqual([path.join('src', 'gateway.ts')]);
  });
});
