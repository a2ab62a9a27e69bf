/** Bytes of the text that is being printed; texts are strings before, for memory beside the heap is dear to make and to give back. */
const USUAL_BYTES = 256 * 1024;
/** What one text made it grow to beyond this is given back. */
const KEPT_BYTES = 4 * 1024 * 1024;

let scratch = Buffer.allocUnsafeSlow(USUAL_BYTES);

/**
 * @returns the bytes of a text, in UTF-8 and nothing else: what the texts before left behind them is out of reach. They are good until the
 * next text is loaded.
 */
export function load(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length > scratch.length || scratch.length > KEPT_BYTES) {
    scratch = Buffer.allocUnsafeSlow(Math.max(USUAL_BYTES, length));
  }
  // The same bytes where all characters are ASCII.
  scratch.write(text, length === text.length ? 'latin1' : 'utf8');
  return scratch.subarray(0, length);
}
