import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');
const files = globSync('{src,simulator}/**/*.ts', { cwd: ROOT });
/** The library for clients. */
const library = globSync('clients/live/src/*.ts', { cwd: ROOT });
/** Both pages: the dashboard and the explorer. */
const browserFiles = globSync('pages/**/*.{ts,tsx}', { cwd: ROOT });

const PAGE = readFileSync(path.join(ROOT, 'docs/architecture.md'), 'utf8');
/** What each layer may import besides itself, as the table in docs/architecture.md says. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  [...PAGE.matchAll(/^\| `(?:src\/)?([\w-]+)(?:\.ts|\/)` \|.*\| (.+) \|$/gm)].map(([, layer = '', may = '']) => [
    layer,
    [...may.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
  ]),
);
/** The two that put the layers together. */
const COMPOSING = [...PAGE.matchAll(/^\| `src\/(\w+)\.ts` \|.*\| every layer, .*\|$/gm)].map(([, layer = '']) => layer);
const isAllowed = (from: string, to: string): boolean =>
  from === to || MAY_IMPORT[from]?.includes(to) === true || (COMPOSING.includes(from) && to !== 'main');

/** `src/graph/fields/read.ts` -> `graphql`, `src/config.ts` -> `config`, `simulator/clock.ts` -> `simulator`. */
const layerOf = (file: string): string => {
  const [top = '', inside = ''] = file.split(path.sep);
  return top === 'src' ? inside.replace(/\.ts$/, '') : top;
};

/** Without comments. */
const code = (file: string): string =>
  readFileSync(path.join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');

const importsOf = (file: string): string[] =>
  [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/from '(\.[^']+)'/g)].flatMap(([, target]) =>
    target === undefined ? [] : [path.relative(ROOT, path.resolve(ROOT, path.dirname(file), target))],
  );

describe('imports follow the layers', () => {
  it('the table has exactly the existing layers', () => {
    expect(Object.keys(MAY_IMPORT).sort()).toEqual([...new Set(files.map(layerOf))].sort());
  });

  it.each(Object.keys(MAY_IMPORT))('%s', (layer) => {
    const wrong = files
      .filter((file) => layerOf(file) === layer)
      .flatMap((file) => importsOf(file).map((target) => ({ file, target, to: layerOf(target) })))
      .filter(({ to }) => !isAllowed(layer, to))
      .map(({ file, target }) => `${file} -> ${target}`);
    expect(wrong).toEqual([]);
  });

  it('no file imports itself through others, not even for types', () => {
    const reaches = (from: string, to: string, seen: Set<string>): boolean =>
      importsOf(from).some((target) => {
        if (target === to) return true;
        if (seen.has(target)) return false;
        seen.add(target);
        return reaches(target, to, seen);
      });
    expect([...files, ...library, ...browserFiles].filter((file) => reaches(file, file, new Set()))).toEqual([]);
  });

  it('the library for clients imports only its own files', () => {
    expect(library.length).toBeGreaterThan(0);
    const specifiers = library.flatMap((file) =>
      [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/(?:from|import) ?\(?'([^']+)'/g)].map(([, one]) => one),
    );
    expect(specifiers.filter((one) => !one?.startsWith('./'))).toEqual([]);
  });

  it('no file has more than 400 lines, generated ones apart', () => {
    const long = [...files, ...library].filter(
      (file) => !file.includes('generated') && readFileSync(path.join(ROOT, file), 'utf8').split('\n').length > 401,
    );
    expect(long).toEqual([]);
  });

  it('only entry points use the process object', () => {
    const entries = ['src', 'simulator'].map((top) => path.join(top, 'main.ts'));
    const touching = files.filter((file) => !entries.includes(file) && /\bprocess\s*\./.test(code(file)));
    expect(touching).toEqual([]);
  });

  it("the simulator imports only the states of the domain, and Node's HTTP", () => {
    const taken = files
      .filter((file) => layerOf(file) === 'simulator')
      .flatMap(importsOf)
      .filter((target) => layerOf(target) !== 'simulator');
    expect([...new Set(taken)].sort()).toEqual(
      ['src/domain/states.ts', 'src/runtime/node-http.ts'].map(path.normalize),
    );
  });

  it('only the composition root imports the simulator', () => {
    const knowing = files.filter(
      (file) => layerOf(file) !== 'simulator' && importsOf(file).some((target) => layerOf(target) === 'simulator'),
    );
    expect(knowing.sort()).toEqual(COMPOSING.map((layer) => path.join('src', `${layer}.ts`)).sort());
  });
});

describe('the pages', () => {
  const pages = globSync('pages/live/**/*.{ts,tsx}', { cwd: ROOT });

  it('import only themselves and the client library', () => {
    const wrong = pages
      .flatMap(importsOf)
      .filter((target) => !/^(?:pages\/live|clients\/live\/src)\//.test(target.replaceAll(path.sep, '/')));
    expect(pages.length).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });

  it('are imported by no layer', () => {
    expect(files.flatMap(importsOf).filter((target) => target.startsWith(`pages${path.sep}`))).toEqual([]);
  });

  it('have no file of more than 400 lines', () => {
    expect(pages.filter((file) => readFileSync(path.join(ROOT, file), 'utf8').split('\n').length > 401)).toEqual([]);
  });
});

describe('durations are measured by a monotonic clock', () => {
  /** Who may read the system's time, and what for. */
  const MAY_READ: Readonly<Record<string, string>> = {
    [path.join('src', 'runtime', 'time.ts')]: 'the one place that all others have it from',
    [path.join('simulator', 'clock.ts')]: 'the date on which the embedded world begins',
    [path.join('simulator', 'requests.ts')]: 'shown with the requests that came',
  };
  /** `Date.now`, also when it is only handed on or taken apart, `Date()`, and a `new Date` of nothing; one of something is only written otherwise. */
  const READS =
    /\bDate\s*\??\.\s*now\b|\bDate\s*\[|=\s*Date\b(?!\s*[.(])|\bnew\s+Date\b(?!\s*\(\s*[^)\s])|(?<!new\s+)\bDate\s*\(|\btimeOrigin\b/;

  /** Keyv measures a time to live by the system's time. */
  const KEYV_LIFE = /new Keyv[^;]*\bttl\b/;

  it("the pattern finds all ways to read the system's time", () => {
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

  it("exactly the listed files read the system's time", () => {
    expect(files.filter((file) => READS.test(code(file))).sort()).toEqual(Object.keys(MAY_READ).sort());
  });

  it('Keyv gets no time to live', () => {
    expect(files.filter((file) => KEYV_LIFE.test(code(file)))).toEqual([]);
  });
});
