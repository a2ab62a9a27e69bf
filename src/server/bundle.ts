import { createHash } from 'node:crypto';
import { constants, globSync, readFileSync } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants as zlib } from 'node:zlib';
import type { BuildOptions } from 'esbuild';

/**
 * The scripts and styles of the pages, bundled from `pages/` and the locked packages when a browser first requests one, and kept in
 * `node_modules/.cache`. A gateway without visitors does not load the bundler. `npm ci` removes the bundles with the packages they were made
 * from. A container image has them already, without the bundler.
 */

const ROOT = path.resolve(import.meta.dirname, '../..');
const CACHE = path.join(ROOT, 'node_modules/.cache/pages');

interface PageSources {
  /** Patterns of the files that decide about the content. */
  readonly sources: readonly string[];
  /** Whether each file is kept with a compressed copy. */
  readonly isCompressed: boolean;
  readonly options: BuildOptions;
}

const PAGES = {
  explorer: {
    sources: ['pages/explorer/*'],
    isCompressed: true,
    options: {
      entryPoints: {
        explorer: 'pages/explorer/main.tsx',
        style: 'pages/explorer/explorer.css',
        'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
        'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
        'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
      },
      splitting: true,
      target: 'es2022',
      loader: { '.ttf': 'file' },
      legalComments: 'linked',
      plugins: [
        {
          // The style sheet of GraphiQL contains those of the editor.
          name: 'styles of the editor once',
          setup: (build) =>
            build.onLoad({ filter: /monaco-editor\/esm\/.*\.css$/ }, () => ({ contents: '', loader: 'css' })),
        },
      ],
    },
  },
  dashboard: {
    sources: ['pages/live/**/*.{ts,tsx,css}', 'clients/live/src/*.ts'],
    isCompressed: false,
    options: {
      entryPoints: { live: 'pages/live/main.tsx' },
      // Browsers that know `light-dark()`, which the style sheet uses.
      target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
      jsxImportSource: 'preact',
      define: { 'process.env.NODE_ENV': '"production"' },
      legalComments: 'none',
    },
  },
} as const satisfies Readonly<Record<string, PageSources>>;

export type PageName = keyof typeof PAGES;

/** Half of the time of quality 6, for a tenth more bytes. */
const BROTLI_QUALITY = 5;
const brotli = promisify(brotliCompress);

/** Identifies the sources of a page, the versions of the packages and the options of the bundler. */
export function bundleVersion(page: PageName): string {
  const hash = createHash('sha256');
  const patterns = [...PAGES[page].sources, 'package.json', 'src/server/bundle.ts'];
  for (const file of globSync(patterns, { cwd: ROOT }).sort()) {
    hash.update(file).update(readFileSync(path.join(ROOT, file)));
  }
  return hash.digest('hex').slice(0, 12);
}

export interface BundledFile {
  readonly content: Buffer;
  readonly encoding: 'br' | undefined;
}

const folders = new Map<PageName, Promise<string>>();

/** Builds the bundle of a page unless it exists. @returns the folder with its files. @throws when a package is missing; the next call tries again. */
export function openBundle(page: PageName): Promise<string> {
  let folder = folders.get(page);
  if (folder === undefined) {
    folder = findOrBuild(page);
    folders.set(page, folder);
    folder.catch(() => folders.delete(page));
  }
  return folder;
}

/** @returns undefined when the bundle has no such file. */
export async function readBundled(
  page: PageName,
  name: string,
  acceptsBrotli: boolean,
): Promise<BundledFile | undefined> {
  if (!/^[\w-]+(?:\.[\w-]+)*\.(?:js|css|ttf)$/.test(name)) return undefined;
  const file = path.join(await openBundle(page), name);
  try {
    return acceptsBrotli && PAGES[page].isCompressed
      ? { content: await readFile(`${file}.br`), encoding: 'br' }
      : { content: await readFile(file), encoding: undefined };
  } catch {
    return undefined;
  }
}

async function findOrBuild(page: PageName): Promise<string> {
  const ready = path.join(CACHE, `${page}-${bundleVersion(page)}`);
  if (await exists(ready)) return ready;
  const target = await newFolder();
  await build(PAGES[page].options, target);
  if (PAGES[page].isCompressed) await compressAll(target);
  if (path.dirname(target) !== CACHE) return target;
  try {
    // At once, so that a process that is killed leaves no half bundle.
    await rename(target, ready);
  } catch (error) {
    // Another process was faster.
    if (!(await exists(ready))) throw error;
    await rm(target, { recursive: true });
  }
  return ready;
}

const exists = (file: string): Promise<boolean> =>
  access(file, constants.R_OK).then(
    () => true,
    () => false,
  );

/** Beside the finished bundle, or in the system's folder for temporary files where that is read-only. */
async function newFolder(): Promise<string> {
  try {
    await mkdir(CACHE, { recursive: true });
    return await mkdtemp(path.join(CACHE, 'new-'));
  } catch {
    return mkdtemp(path.join(tmpdir(), 'waldur-snapshots-pages-'));
  }
}

async function build(options: BuildOptions, outdir: string): Promise<void> {
  // Loaded only for this: it starts a process of its own.
  const { default: esbuild } = await import('esbuild');
  try {
    await esbuild.build({
      absWorkingDir: ROOT,
      outdir,
      bundle: true,
      format: 'esm',
      minify: true,
      jsx: 'automatic',
      logLevel: 'silent',
      ...options,
    });
  } finally {
    await esbuild.stop();
  }
}

async function compressAll(target: string): Promise<void> {
  for (const name of await readdir(target)) {
    const file = path.join(target, name);
    const params = { [zlib.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
    await writeFile(`${file}.br`, await brotli(await readFile(file), { params }));
  }
}
