import { printWithLists } from './printing/list.ts';

/** From here on a text is turned into bytes once, by us: sockets reserve three bytes for each of its characters. */
const LONG = 8_192;

/** JSON and a line feed, as Apollo prints answers: a text where it is short, its bytes in UTF-8 where it is long or has printed lists. */
export function printLine(answer: object): string | Buffer {
  const text = printWithLists(answer, '\n');
  if (typeof text !== 'string' || text.length < LONG) return text;
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
