/**
 * A uuid as Python's parser reads it: 32 hex digits with hyphens in any place, braces, `urn:uuid:`, in either case.
 * @returns lower-case hex, or undefined.
 */
export function readUuid(text: string): string | undefined {
  const hex = text
    .replace('urn:', '')
    .replace('uuid:', '')
    .replace(/^[{}]+|[{}]+$/g, '')
    .replaceAll('-', '');
  return /^[0-9a-fA-F]{32}$/.test(hex) ? hex.toLowerCase() : undefined;
}
