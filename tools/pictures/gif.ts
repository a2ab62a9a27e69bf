import gifenc from 'gifenc';
import { PNG } from 'pngjs';

/** One picture of an animation. */
export interface Frame {
  /** A screenshot. All frames have the same size. */
  readonly png: Buffer;
  /** How long it is shown, in ms. */
  readonly ms: number;
}

/** Pictures of pages have few colours, so one palette for all frames loses nothing that can be seen. */
const COLOURS = 128;

/** Encodes screenshots as an animated GIF that repeats for ever. */
export function gifOf(frames: readonly Frame[]): Uint8Array {
  const encoder = gifenc.GIFEncoder();
  const images = frames.map(({ png, ms }) => ({ ...PNG.sync.read(png), ms }));
  const palette = gifenc.quantize(images.at(-1)?.data ?? new Uint8Array(), COLOURS);
  for (const { data, width, height, ms } of images) {
    encoder.writeFrame(gifenc.applyPalette(data, palette), width, height, { palette, delay: ms });
  }
  encoder.finish();
  return encoder.bytes();
}
