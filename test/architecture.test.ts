import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** What each layer may import, itself apart. An arrow that is not here is wrong; see docs/architecture.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  main: ['gateway', 'config', 'observability'],
  gateway: [
    'config',
    'server',
    'transports',
    'operations',
    'executor',
    'graph',
    'loading',
    'live',
    'waldur',
    'auth',
    'cache',
    'errors',
    'observability',
    'domain',
    'simulator',
    'runtime',
  ],
  server: ['errors', 'runtime', 'observability'],
  transports: ['operations', 'graph', 'live', 'auth', 'errors', 'runtime', 'observability', 'server'],
  operations: ['executor', 'graph', 'loading', 'cache', 'auth', 'errors', 'runtime', 'live'],
  graph: ['executor', 'loading', 'live', 'waldur', 'domain', 'auth', 'cache', 'errors', 'runtime', 'operations'],
  loading: ['waldur', 'domain', 'cache', 'auth', 'errors', 'runtime'],
  live: ['waldur', 'domain', 'auth', 'errors', 'runtime'],
  waldur: ['domain', 'auth', 'errors', 'runtime'],
  simulator: ['domain'],
  domain: [],
  runtime: [],
  auth: [],
  cache: [],
  config: ['auth'],
  executor: [],
  errors: [],
  observability: [],
};

const ROOT = path.resolve(import.meta.dirname, '..');
const files = globSync('{src,simulator}/**/*.ts', { cwd: ROOT });

/** `src/graph/fields/read.ts` -> `graphql`, `src/config.ts` -> `config`, `simulator/clock.ts` -> `simulator`. */
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

  it.each(['executor', 'graph', 'loading', 'domain', 'cache'])(
    '%s has no circle of imports, not even of types',
    (layer) => {
      const inside = files.filter((file) => layerOf(file) === layer);
      const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
        importsOf(from).some((target) => {
          if (target === to) return true;
          if (seen.has(target)) return false;
          seen.add(target);
          return reaches(target, to, seen);
        });
      expect(inside.length).toBeGreaterThan(1);
      expect(inside.filter((file) => reaches(file, file))).toEqual([]);
    },
  );

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
    expect([...new Set(taken)]).toEqual([path.join('src', 'domain', 'states.ts')]);
  });

  it('one file of the gateway knows the simulator', () => {
    const knowing = files.filter(
      (file) => layerOf(file) !== 'simulator' && importsOf(file).some((target) => layerOf(target) === 'simulator'),
    );
    expect(knowing).toEqual([path.join('src', 'gateway.ts')]);
  });
});

describe('durations are measured by a clock that nobody sets', () => {
  /** Who may read the system's time, and what for. */
  const MAY_READ: Readonly<Record<string, string>> = {
    [path.join('src', 'runtime', 'time.ts')]: 'the one place that all others have it from',
    [path.join('simulator', 'clock.ts')]: 'the date on which the embedded world begins',
    [path.join('simulator', 'requests.ts')]: 'shown with the requests that came',
  };
  /** `Date.now`, also when it is only handed on or taken apart, `Date()`, and a `new Date` of nothing; one of something is only written otherwise. */
  const READS =
    /\bDate\s*\??\.\s*now\b|\bDate\s*\[|=\s*Date\b(?!\s*[.(])|\bnew\s+Date\b(?!\s*\(\s*[^)\s])|(?<!new\s+)\bDate\s*\(|\btimeOrigin\b/;
  /** What Keyv is told to keep for so long, it measures by the system's time. */
  const KEYV_LIFE = /new Keyv[^;]*\bttl\b/;

  const code = (file: string): string =>
    readFileSync(path.join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');

  it('the pattern knows the ways to read it', () => {
    const reading = [
      'Date.now()',
      'f(Date.now)',
      'new Date()',
      'new Date( )',
      'new Date;',
      'Date()',
      'const { now } = Date;',
    ];
    expect(reading.filter((text) => !READS.test(text))).toEqual([]);
    const others = [
      'new Date(0)',
      'new Date(event.observedAt)',
      'Date.parse(text)',
      'Date.UTC(2000, 0)',
      'observedDate(1)',
    ];
    expect(others.filter((text) => READS.test(text))).toEqual([]);
  });

  it("only listed files read the system's time, and every listed one does", () => {
    expect(files.filter((file) => READS.test(code(file))).sort()).toEqual(Object.keys(MAY_READ).sort());
  });

  it('Keyv is given no time to live', () => {
    expect(files.filter((file) => KEYV_LIFE.test(code(file)))).toEqual([]);
  });
});
