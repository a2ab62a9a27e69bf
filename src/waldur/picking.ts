/**
 * Rows begin with their uuid where the address, the only column that Waldur writes before it, is not asked for. In JSON these bytes stand between
 * two objects of a list and nowhere else: a quote with a letter behind it begins a text and never ends one, so what is before it is in no text.
 */
const BETWEEN = '},{"uuid":"';
const BEFORE = '[{"uuid":"';
const BEHIND = '}]';
const DIGITS = 32;

/**
 * Cuts some rows out of a page, so that the others need not be parsed: of a project's volumes, say, those that were restored from the
 * snapshots of a list.
 * @param json a list of objects. Nothing is known of the rows that are left out, not even that they are JSON.
 * @returns a list of the rows with these uuids, and none for uuids that are not there; undefined for a page that must be read whole, or might as
 * well be: its rows are written in another way, may have lists in them, or half of them are wanted.
 */
export function pickRows(json: string, uuids: ReadonlySet<string>): string | undefined {
  if (!json.startsWith(BEFORE) || !json.endsWith(BEHIND) || json.indexOf('[', 1) >= 0) return undefined;
  const rows = json.slice(BEFORE.length, -BEHIND.length).split(BETWEEN);
  if (rows.length < 2 * uuids.size) return undefined;
  const picked = rows.filter((row) => uuids.has(row.slice(0, DIGITS)));
  return picked.length === 0 ? '[]' : `${BEFORE}${picked.join(BETWEEN)}${BEHIND}`;
}
