import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';

type Decoder = (data: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const zlibInflate: Decoder = promisify(inflate);
const rawInflate: Decoder = promisify(inflateRaw);

/** The method in the low bits of a zlib header; a raw deflate stream of ours would hardly begin with it. */
const isZlib = (data: Buffer): boolean => ((data[0] ?? 0) & 0x0f) === 8;

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  // Servers differ in what they mean by deflate (RFC 9110, 8.4.1.2).
  deflate: (data, options) => (isZlib(data) ? zlibInflate(data, options) : rawInflate(data, options)),
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
