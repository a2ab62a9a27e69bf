const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** The shortest member of an object and the comma behind it: `"":0,`. */
const SHORTEST = 5;

/**
 * Whether the objects in a JSON text have more members than allowed, all objects together. Objects with many different keys cost most to
 * parse and to walk, ten times as much as lists of the same length; counting colons outside strings is cheap. For invalid JSON the
 * count is arbitrary; `JSON.parse` rejects it later.
 */
export function exceedsMembers(text: string, allowed: number): boolean {
  if (text.length <= allowed * SHORTEST) return false;
  let members = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case COLON:
        members += 1;
        if (members > allowed) return true;
        break;
      case QUOTE:
        at = endOfString(text, at);
        break;
    }
  }
  return false;
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
