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
 * @returns a list of the rows with these uuids, none for uuids that are not there.
 * Undefined for a page that must be read whole, or might as well be: one of its rows is written in another way, there may be lists in them, or half of
 * them are wanted.
 */
export function pickRows(json: string, uuids: ReadonlySet<string>): string | undefined {
  if (!json.startsWith(BEFORE) || !json.endsWith(BEHIND) || json.indexOf('[', 1) >= 0) return undefined;
  const mayBe = beginnings(uuids);
  const picked: string[] = [];
  let rows = 0;
  for (let uuid = BEFORE.length; ; rows++) {
    const next = nextRow(json, uuid);
    if (next === undefined) return undefined;
    if (mayBe[beginning(json, uuid)] === 1 && uuids.has(json.slice(uuid, uuid + DIGITS))) {
      picked.push(json.slice(uuid, next));
    }
    if (next === json.length - BEHIND.length) break;
    uuid = next + BETWEEN.length;
  }
  if (rows + 1 < 2 * uuids.size) return undefined;
  return picked.length === 0 ? '[]' : `${BEFORE}${picked.join(BETWEEN)}${BEHIND}`;
}

/**
 * Every brace that opens is looked at, for a row that is written in another way must not be taken for a part of the one before.
 * @returns where the next row begins, or the list ends; undefined when that cannot be told.
 */
function nextRow(json: string, at: number): number | undefined {
  for (let brace = json.indexOf('{', at); brace >= 0; brace = json.indexOf('{', brace + 1)) {
    if (json.startsWith(BETWEEN, brace - 2)) return brace - 2;
    // Else it is a column's object, where there are no lists.
    if (json[brace - 1] !== ':') return undefined;
  }
  return json.length - BEHIND.length;
}

/** Two digits in a number: most rows are told apart from those wanted by them, without a text being made. */
const beginning = (text: string, at: number): number => (text.charCodeAt(at) * 16 + text.charCodeAt(at + 1)) & 0xff;

function beginnings(uuids: ReadonlySet<string>): Uint8Array {
  const found = new Uint8Array(0x100);
  for (const uuid of uuids) found[beginning(uuid, 0)] = 1;
  return found;
}
