import { createHash } from 'node:crypto';
import { constants, globSync, readFileSync } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants as zlib } from 'node:zlib';

/**
 * The scripts and styles of the explorer, bundled from `pages/explorer` and the locked packages when a browser first requests one, and kept in
 * `node_modules/.cache`. `npm ci` removes them with the packages they were made from. A container image has them already.
 */

const ROOT = path.resolve(import.meta.dirname, '../../..');
const SOURCES = path.join(ROOT, 'pages/explorer');
const CACHE = path.join(ROOT, 'node_modules/.cache/pages');

const ENTRIES = {
  explorer: 'pages/explorer/main.tsx',
  style: 'pages/explorer/explorer.css',
  'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
  'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
  'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
};

/** Half of the time of quality 6, for a tenth more bytes. */
const BROTLI_QUALITY = 5;
const brotli = promisify(brotliCompress);

/** Identifies the sources and the versions of the packages. In the path of the files, so that browsers can cache them for ever. */
export const BUNDLE_VERSION = versionOfSources();

function versionOfSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync('*', { cwd: SOURCES }).sort()) hash.update(readFileSync(path.join(SOURCES, file)));
  return hash
    .update(readFileSync(path.join(ROOT, 'package.json')))
    .digest('hex')
    .slice(0, 12);
}

export interface BundledFile {
  readonly content: Buffer;
  readonly encoding: 'br' | undefined;
}

let folder: Promise<string> | undefined;

/** Builds the bundle unless it exists. @returns the folder with its files. @throws when a package is missing; the next call tries again. */
export function openBundle(): Promise<string> {
  folder ??= findOrBuild();
  folder.catch(() => {
    folder = undefined;
  });
  return folder;
}

/** @returns undefined when the bundle has no such file. */
export async function readBundled(name: string, acceptsBrotli: boolean): Promise<BundledFile | undefined> {
  if (!/^[\w-]+(?:\.[\w-]+)*\.(?:js|css|ttf)$/.test(name)) return undefined;
  const file = path.join(await openBundle(), name);
  try {
    return acceptsBrotli
      ? { content: await readFile(`${file}.br`), encoding: 'br' }
      : { content: await readFile(file), encoding: undefined };
  } catch {
    return undefined;
  }
}

async function findOrBuild(): Promise<string> {
  const ready = path.join(CACHE, BUNDLE_VERSION);
  if (await exists(ready)) return ready;
  const target = await newFolder();
  await build(target);
  await compressAll(target);
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

async function build(outdir: string): Promise<void> {
  // Loaded only for this: it starts a process of its own.
  const { default: esbuild } = await import('esbuild');
  try {
    await esbuild.build({
      absWorkingDir: ROOT,
      entryPoints: ENTRIES,
      outdir,
      bundle: true,
      splitting: true,
      format: 'esm',
      minify: true,
      target: 'es2022',
      jsx: 'automatic',
      loader: { '.ttf': 'file' },
      logLevel: 'silent',
      legalComments: 'linked',
      plugins: [
        {
          // The style sheet of GraphiQL contains those of the editor.
          name: 'styles of the editor once',
          setup: (build) =>
            build.onLoad({ filter: /monaco-editor\/esm\/.*\.css$/ }, () => ({ contents: '', loader: 'css' })),
        },
      ],
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
