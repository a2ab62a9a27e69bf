import type { Json } from '../model.ts';

/**
 * A value as Python's `repr` prints it: `image_metadata` of volumes is a dict rendered by a text field (contract 4.3).
 */
export function repr(value: Json): string {
  if (value === null) return 'None';
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False';
    case 'number':
      return String(value);
    case 'string':
      return quoted(value);
    default:
      return Array.isArray(value)
        ? `[${value.map(repr).join(', ')}]`
        : `{${Object.entries(value)
            .map(([key, item]) => `${quoted(key)}: ${repr(item)}`)
            .join(', ')}}`;
  }
}

/** Python uses single quotes, unless the string contains single quotes and no double quotes. */
function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return `${mark}${mark === "'" ? escaped.replaceAll("'", "\\'") : escaped}${mark}`;
}
