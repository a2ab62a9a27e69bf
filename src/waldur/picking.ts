/**
 * Rows begin with their uuid where the address, the only column that Waldur writes before it, is not asked for. In JSON these bytes stand between
 * two objects of a list and nowhere else: a quote with a letter behind it begins a text and never ends one, so what is before it is in no text.
 */
const BETWEEN = '},{"uuid":"';
const BEFORE = '[{"uuid":"';
const BEHIND = '}]';
const DIGITS = 32;

/**
 * Cuts some rows out of a page, so that the others need not be parsed: of a project's volumes, say, those that the snapshots of a list were made
 * from.
 * @param json a list of objects. Nothing is known of the rows that are left out, not even that they are JSON.
 * @returns a list of the rows with these uuids, and none for uuids that are not there; undefined for a page that must be read whole, or might as
 * well be: its rows are written in another way, may have lists in them, or half of them are wanted.
 */
export function pickRows(json: string, uuids: ReadonlySet<string>): string | undefined {
  if (!json.startsWith(BEFORE) || !json.endsWith(BEHIND) || json.indexOf('[', 1) >= 0) return undefined;
  const last = json.length - BEHIND.length;
  const mayBe = beginnings(uuids);
  const picked: string[] = [];
  let rows = 0;
  for (let uuid = BEFORE.length; uuid > 0; rows++) {
    const next = json.indexOf(BETWEEN, uuid);
    if (mayBe[beginning(json, uuid)] === 1 && uuids.has(json.slice(uuid, uuid + DIGITS))) {
      picked.push(json.slice(uuid, next < 0 ? last : next));
    }
    uuid = next < 0 ? 0 : next + BETWEEN.length;
  }
  if (rows < 2 * uuids.size) return undefined;
  return picked.length === 0 ? '[]' : `${BEFORE}${picked.join(BETWEEN)}${BEHIND}`;
}

/** Two digits in a number: most rows are told apart from those wanted by them, without a text being made. */
const beginning = (text: string, at: number): number => (text.charCodeAt(at) * 16 + text.charCodeAt(at + 1)) & 0xff;

function beginnings(uuids: ReadonlySet<string>): Uint8Array {
  const found = new Uint8Array(0x100);
  for (const uuid of uuids) found[beginning(uuid, 0)] = 1;
  return found;
}
