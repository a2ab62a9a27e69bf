/**
 * Reads a path prefix such as `/snapshots`, of a setting or of a proxy. It becomes part of a page, so only harmless characters are allowed.
 * @returns it without a slash at the end; empty: no prefix; undefined when it is invalid.
 */
export function readPathPrefix(text: string): string | undefined {
  const isPath = /^(?:\/[\w.~-]+)*\/?$/.test(text) && !/\/\.{1,2}(?:\/|$)/.test(text);
  return isPath ? text.replace(/\/$/, '') : undefined;
}
