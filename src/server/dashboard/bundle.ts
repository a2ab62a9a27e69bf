import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip, constants as zlib } from 'node:zlib';
import { openBundle } from '../bundle.ts';

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

const CONTENT_TYPES = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

let made: Promise<Bundle> | undefined;

/** The dashboard as one script and one style sheet, compressed at the first request for it. They stay in memory. */
export function dashboardBundle(): Promise<Bundle> {
  made ??= open();
  // The next request tries again.
  made.catch(() => {
    made = undefined;
  });
  return made;
}

async function open(): Promise<Bundle> {
  const folder = await openBundle('dashboard');
  const read = async (extension: keyof typeof CONTENT_TYPES): Promise<Asset> =>
    pack(extension, await readFile(path.join(folder, `live.${extension}`)));
  const [script, style] = await Promise.all([read('js'), read('css')]);
  return { script, style };
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
