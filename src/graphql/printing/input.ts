/** Bytes of the text that is being printed; texts are strings before, for memory beside the heap is dear to make and to give back. */
const USUAL_BYTES = 512 * 1024;
/** What one text made it grow to beyond this is given back. */
const KEPT_BYTES = 4 * 1024 * 1024;

const MOST_BYTES_A_CHARACTER = 3;

/**
 * Which text is loaded. Functions that print rows take from row to row what repeats, and forget it when the number is another one: without it
 * they would put into one caller's answer what they found for another.
 */
export const page = { number: 0 };

let scratch = Buffer.allocUnsafeSlow(USUAL_BYTES);

/**
 * @returns the bytes of a text, in UTF-8 and nothing else: what the texts before left behind them is out of reach. They are good until the
 * next text is loaded.
 */
export function load(text: string): Buffer {
  page.number = (page.number + 1) | 0;
  const most = MOST_BYTES_A_CHARACTER * text.length;
  if (most > scratch.length || scratch.length > KEPT_BYTES)
    scratch = Buffer.allocUnsafeSlow(Math.max(USUAL_BYTES, most));
  return scratch.subarray(0, scratch.write(text));
}
