/** What a text holds, as far as it was read. */
export interface Scan {
  readonly tokens: number;
  readonly comments: number;
  /** Brackets, braces and parentheses open at the same time, at most. */
  readonly nesting: number;
}

/**
 * Counts the lexical tokens of a document without parsing it: what a parser does with a text it will refuse is work, and a deeply
 * nested one overflows its stack. Stops as soon as a count exceeds what is allowed.
 *
 * The counts are right for every document that can be parsed. A text that cannot is counted somehow; the parser tells what is wrong.
 */
export function scan(text: string, allowed: Scan): Scan {
  let tokens = 0;
  let comments = 0;
  let open = 0;
  let nesting = 0;
  let at = 0;
  while (at < text.length && tokens <= allowed.tokens && comments <= allowed.comments && nesting <= allowed.nesting) {
    const character = text.charCodeAt(at);
    switch (kindOf(character)) {
      case 'ignored':
        at++;
        continue;
      case 'comment':
        comments++;
        at = endOfLine(text, at);
        continue;
      case 'opening':
        open++;
        nesting = Math.max(nesting, open);
        at++;
        break;
      case 'closing':
        open--;
        at++;
        break;
      case 'word':
        at = endOfWord(text, at);
        break;
      case 'string':
        at = text.startsWith('"""', at) ? endOfBlockString(text, at) : endOfString(text, at);
        break;
      case 'dot':
        at += text.startsWith('...', at) ? 3 : 1;
        break;
      case 'other':
        at++;
        break;
    }
    tokens++;
  }
  return { tokens, comments, nesting };
}

type CharacterKind = 'ignored' | 'comment' | 'opening' | 'closing' | 'word' | 'string' | 'dot' | 'other';

const KINDS: readonly [kind: CharacterKind, characters: string][] = [
  ['ignored', '\t\n\r ,'],
  ['comment', '#'],
  ['opening', '{[('],
  ['closing', '}])'],
  // Numbers are words, too: nothing that may stand within one may follow one without a space.
  ['word', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-'],
  ['string', '"'],
  ['dot', '.'],
];

const kinds: readonly CharacterKind[] = Array.from(
  { length: 128 },
  (_, code) => KINDS.find(([, characters]) => characters.includes(String.fromCharCode(code)))?.[0] ?? 'other',
);

const BYTE_ORDER_MARK = 0xfeff;

const kindOf = (character: number): CharacterKind =>
  kinds[character] ?? (character === BYTE_ORDER_MARK ? 'ignored' : 'other');

function endOfLine(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}

const NAME = /[\w]+/y;
const NUMBER = /-?\d*(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function endOfWord(text: string, start: number): number {
  const pattern = /[\d-]/.test(text.charAt(start)) ? NUMBER : NAME;
  pattern.lastIndex = start;
  pattern.test(text);
  return Math.max(pattern.lastIndex, start + 1);
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return at + 1;
    if (text[at] === '\n' || text[at] === '\r') return at;
    if (text[at] === '\\') at++;
  }
  return text.length;
}

function endOfBlockString(text: string, start: number): number {
  for (let at = start + 3; ; at += 3) {
    at = text.indexOf('"""', at);
    if (at === -1) return text.length;
    if (text[at - 1] !== '\\') return at + 3;
  }
}
