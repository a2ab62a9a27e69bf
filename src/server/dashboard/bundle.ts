import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip, constants as zlib } from 'node:zlib';

/** A file of the dashboard, ready to be sent. */
export interface Asset {
  /** Last part of its path. It contains a hash of the content, so browsers can cache it for ever. */
  readonly name: string;
  readonly contentType: string;
  readonly hash: string;
  readonly identity: Uint8Array;
  readonly br: Uint8Array;
  readonly gzip: Uint8Array;
}

export interface Bundle {
  readonly script: Asset;
  readonly style: Asset;
}

const ROOT = path.resolve(import.meta.dirname, '../../..');
const CACHE = path.join(ROOT, 'node_modules/.cache/pages');
/** Browsers that know `light-dark()`, which the style sheet uses. */
const BROWSERS = ['chrome123', 'edge123', 'firefox120', 'safari17.5'];

const CONTENT_TYPES = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

/** The files without compression. */
type Files = Readonly<Record<keyof typeof CONTENT_TYPES, Uint8Array>>;

let made: Promise<Bundle> | undefined;

/**
 * The dashboard as one script and one style sheet, made from `pages/live` at the first request for it, in a fraction of a second. A gateway
 * without visitors does not load the bundler. The result is kept in `node_modules/.cache`, which `npm ci` removes together with the packages it
 * was made from; a container image has it already, without the bundler.
 */
export function dashboardBundle(): Promise<Bundle> {
  made ??= open();
  // The next request tries again.
  made.catch(() => {
    made = undefined;
  });
  return made;
}

async function open(): Promise<Bundle> {
  const folder = path.join(CACHE, `live-${versionOfSources()}`);
  const files = (await readFiles(folder)) ?? (await build(folder));
  const [script, style] = await Promise.all([pack('js', files.js), pack('css', files.css)]);
  return { script, style };
}

/** Identifies the sources and the versions of the packages. */
function versionOfSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync(['pages/live/**/*.{ts,tsx,css}', 'clients/live/src/*.ts', 'package.json'], {
    cwd: ROOT,
  }).sort()) {
    hash.update(file).update(readFileSync(path.join(ROOT, file)));
  }
  return hash.digest('hex').slice(0, 12);
}

async function readFiles(folder: string): Promise<Files | undefined> {
  try {
    const [js, css] = await Promise.all([
      readFile(path.join(folder, 'live.js')),
      readFile(path.join(folder, 'live.css')),
    ]);
    return { js, css };
  } catch {
    return undefined;
  }
}

async function build(folder: string): Promise<Files> {
  // Loaded only for this: the bundler runs as a process of its own.
  const esbuild = await import('esbuild');
  try {
    const { outputFiles } = await esbuild.build({
      absWorkingDir: ROOT,
      entryPoints: { live: 'pages/live/main.tsx' },
      outdir: folder,
      write: false,
      bundle: true,
      minify: true,
      format: 'esm',
      target: BROWSERS,
      jsx: 'automatic',
      jsxImportSource: 'preact',
      define: { 'process.env.NODE_ENV': '"production"' },
      legalComments: 'none',
      logLevel: 'silent',
    });
    const contentsOf = (extension: keyof Files): Uint8Array => {
      const file = outputFiles.find((one) => one.path.endsWith(`.${extension}`));
      if (file === undefined) throw new Error(`The bundle of the dashboard has no .${extension} file.`);
      return file.contents;
    };
    const files = { js: contentsOf('js'), css: contentsOf('css') };
    await keep(folder, files);
    return files;
  } finally {
    await esbuild.stop();
  }
}

/** Writes the files for later starts. Not where the folder is read-only: then they stay in memory. */
async function keep(folder: string, { js, css }: Files): Promise<void> {
  try {
    await mkdir(CACHE, { recursive: true });
    const unfinished = await mkdtemp(path.join(CACHE, 'new-'));
    await Promise.all([
      writeFile(path.join(unfinished, 'live.js'), js),
      writeFile(path.join(unfinished, 'live.css'), css),
    ]);
    // At once, so that a process that is killed leaves no half bundle. Another process may have been faster.
    await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true }));
  } catch {
    return;
  }
}

async function pack(extension: keyof typeof CONTENT_TYPES, identity: Uint8Array): Promise<Asset> {
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const [br, zipped] = await Promise.all([
    brotliAsync(identity, {
      params: { [zlib.BROTLI_PARAM_QUALITY]: 9, [zlib.BROTLI_PARAM_SIZE_HINT]: identity.length },
    }),
    gzipAsync(identity, { level: 9 }),
  ]);
  return { name: `live.${hash}.${extension}`, contentType: CONTENT_TYPES[extension], hash, identity, br, gzip: zipped };
}
