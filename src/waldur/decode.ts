import { promisify } from 'node:util';
import {
  type BrotliDecompress,
  brotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  type Gunzip,
  gunzip,
  type Inflate,
  type InflateRaw,
  inflate,
  inflateRaw,
} from 'node:zlib';

export type DecoderStream = Gunzip | Inflate | InflateRaw | BrotliDecompress;

/** The two ways to decode data that is here as a whole. */
export interface Decoder {
  /** All of it at once. */
  whole(data: Buffer, options: { maxOutputLength: number }): Promise<Buffer>;
  /** Makes a stream for it, which decodes what is written as it is read. */
  stream(data: Buffer): DecoderStream;
}

/** Larger pieces than usual: each one is a turn of a thread. */
const IN_PIECES = { chunkSize: 64 * 1024 };

const GZIP: Decoder = { whole: promisify(gunzip), stream: () => createGunzip(IN_PIECES) };
const BROTLI: Decoder = { whole: promisify(brotliDecompress), stream: () => createBrotliDecompress(IN_PIECES) };
const ZLIB: Decoder = { whole: promisify(inflate), stream: () => createInflate(IN_PIECES) };
const RAW: Decoder = { whole: promisify(inflateRaw), stream: () => createInflateRaw(IN_PIECES) };

/** The method in the low bits of a zlib header; a raw deflate stream of ours would hardly begin with it. */
const isZlib = (data: Buffer): boolean => ((data[0] ?? 0) & 0x0f) === 8;

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: GZIP,
  'x-gzip': GZIP,
  br: BROTLI,
  // Servers differ in what they mean by deflate (RFC 9110, 8.4.1.2).
  deflate: {
    whole: (data, options) => (isZlib(data) ? ZLIB : RAW).whole(data, options),
    stream: (data) => (isZlib(data) ? ZLIB : RAW).stream(data),
  },
};

/** The decoder of a Content-Encoding; null when there is nothing to decode, undefined for one that we do not know. */
export function decoderOf(encoding: string | undefined): Decoder | null | undefined {
  if (encoding === undefined) return null;
  const name = encoding.trim().toLowerCase();
  if (name === '' || name === 'identity') return null;
  return Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
}

/** True when decoding stopped because there was more than `maxOutputLength`. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
