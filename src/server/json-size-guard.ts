const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;

/** The shortest member of an object and the comma behind it: `"":0,`. */
const SHORTEST_MEMBER = 5;
/** The shortest level of nesting: `[]`. */
const SHORTEST_LEVEL = 2;

/** What the JSON of one request or message may hold. */
export interface JsonBounds {
  /** Members of all objects together. */
  readonly members: number;
  /** Levels of lists and objects within each other. */
  readonly nesting: number;
}

/**
 * Finds out whether JSON would be expensive to parse, without parsing it. Objects with many different keys cost ten times as much as lists
 * of the same length, and deep nesting costs as much. Counting outside strings is cheap. For invalid JSON the counts are arbitrary;
 * `JSON.parse` rejects it later.
 * @returns the bound that is exceeded.
 */
export function exceededBound(text: string, { members, nesting }: JsonBounds): keyof JsonBounds | undefined {
  if (text.length <= Math.min(members * SHORTEST_MEMBER, nesting * SHORTEST_LEVEL)) return undefined;
  let found = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case COLON:
        found += 1;
        if (found > members) return 'members';
        break;
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPENING_BRACE:
      case OPENING_BRACKET:
        depth += 1;
        if (depth > nesting) return 'nesting';
        break;
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        depth -= 1;
        break;
    }
  }
  return undefined;
}

/** A longer string in the place of a key is none of the names that are looked for, however it is escaped. */
const LONGEST_KEY = 100;

/**
 * Reads strings that are members of the outermost object, as `JSON.parse` would: members of inner objects do not count, the last one of a
 * name counts, and keys may contain escapes. It takes a time that grows with the length of the text alone.
 * @param names the members to read.
 * @returns the strings found, by name; none when the text is not an object.
 */
export function outermostStrings(text: string, names: ReadonlySet<string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let depth = 0;
  let isKey = false;
  let key: string | undefined;
  for (let at = text.search(/[^\s\ufeff]/); at !== -1 && at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (depth === 0 && character !== OPENING_BRACE) return NONE;
    switch (character) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (depth === 1 && isKey) {
          key = end - at > LONGEST_KEY ? undefined : parseString(text.slice(at, end + 1));
          // A former member of this name does not count any more, whatever the value of this one is.
          if (key !== undefined) found.delete(key);
        } else if (depth === 1 && key !== undefined && names.has(key)) {
          const value = parseString(text.slice(at, end + 1));
          if (value !== undefined) found.set(key, value);
        }
        at = end;
        break;
      }
      case OPENING_BRACE:
      case OPENING_BRACKET:
        depth += 1;
        isKey = depth === 1;
        break;
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        depth -= 1;
        if (depth === 0) return found;
        break;
      case COLON:
        if (depth === 1) isKey = false;
        break;
      case COMMA:
        if (depth === 1) isKey = true;
        break;
    }
  }
  return NONE;
}

const NONE: ReadonlyMap<string, string> = new Map();

function parseString(json: string): string | undefined {
  try {
    return String(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** Where the string that begins here ends; the end of the text when it is not closed. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
