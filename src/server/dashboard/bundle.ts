import { createHash } from 'node:crypto';
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
const SOURCES = path.join(ROOT, 'pages/live');
/** Browsers that know `light-dark()`, which the style sheet uses. */
const BROWSERS = ['chrome123', 'edge123', 'firefox120', 'safari17.5'];

const CONTENT_TYPES = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

let made: Promise<Bundle> | undefined;

/**
 * The dashboard as one script and one style sheet, made from `pages/live` at the first request for it and kept in memory: it takes a
 * fraction of a second, and a gateway without visitors does not load the bundler.
 */
export function dashboardBundle(): Promise<Bundle> {
  made ??= build();
  // The next request tries again.
  made.catch(() => {
    made = undefined;
  });
  return made;
}

async function build(): Promise<Bundle> {
  // Loaded only for this: the bundler runs as a process of its own.
  const esbuild = await import('esbuild');
  try {
    const { outputFiles } = await esbuild.build({
      absWorkingDir: ROOT,
      entryPoints: { live: path.join(SOURCES, 'main.tsx') },
      outdir: path.join(ROOT, 'out'),
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
    const assetOf = async (extension: keyof typeof CONTENT_TYPES): Promise<Asset> => {
      const file = outputFiles.find((one) => one.path.endsWith(`.${extension}`));
      if (file === undefined) throw new Error(`The bundle of the dashboard has no .${extension} file.`);
      return pack(extension, file.contents);
    };
    const [script, style] = await Promise.all([assetOf('js'), assetOf('css')]);
    return { script, style };
  } finally {
    await esbuild.stop();
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
