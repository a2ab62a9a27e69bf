import { ServerFault } from './exchange.ts';

/** Django rejects more keys than this, with status 500 (contract 3.1). */
const MOST_KEYS = 1_000;

/** Reads a query string or a form as Python does: `&` only, `+` is a blank, what is no UTF-8 becomes a replacement character. */
export function readQuery(text: string): [string, string][] {
  const parts = text.split('&').filter((part) => part !== '');
  if (parts.length > MOST_KEYS) throw new ServerFault('too many keys');
  return parts.map((part) => {
    const at = part.indexOf('=');
    return at < 0 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))];
  });
}

/** Decodes percent-encoding. An invalid sequence is kept. */
export function decode(text: string): string {
  const plain = text.replaceAll('+', ' ');
  if (!plain.includes('%')) return plain;
  const bytes = plain.replace(/(?:%[0-9a-fA-F]{2})+/g, (codes) =>
    Buffer.from(codes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
  return bytes;
}
