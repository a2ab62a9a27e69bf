/** From here on a text is turned into bytes once, by us: sockets reserve three bytes for each of its characters. */
const LONG = 8_192;
const LINE_FEED = 10;

/** JSON and a line feed, as Apollo prints answers: a text where it is short, its bytes in UTF-8 where it is long. */
export function printLine(answer: object): string | Buffer {
  const text = JSON.stringify(answer);
  if (text.length < LONG) return `${text}\n`;
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafeSlow(length + 1);
  bytes.write(text);
  bytes[length] = LINE_FEED;
  return bytes;
}
