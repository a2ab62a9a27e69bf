import fc from 'fast-check';
import { IDS, UUIDS } from './world.ts';

/** The variables of documents. Each operation declares those that it uses. */
const VARIABLES: Readonly<Record<string, { readonly type: string; readonly value: fc.Arbitrary<unknown> }>> = {
  yes: { type: 'Boolean!', value: fc.boolean() },
  no: { type: 'Boolean!', value: fc.boolean() },
  // Validation accepts null because there is a default; it is an error where the variable is used.
  maybe: { type: 'Boolean = true', value: fc.constantFrom(undefined, undefined, true, false, false, null) },
  perhaps: { type: 'Boolean = false', value: fc.constantFrom(undefined, undefined, true, true, false) },
  first: { type: 'Int', value: fc.constantFrom(undefined, null, 0, 1, 3, -1, 1001) },
  last: { type: 'Int = 2', value: fc.constantFrom(undefined, 1, 2) },
  uuid: { type: 'UUID!', value: fc.constantFrom(...UUIDS) },
  uuids: { type: '[UUID!]!', value: fc.array(fc.constantFrom(...UUIDS), { maxLength: 4 }) },
  id: { type: 'ID!', value: fc.constantFrom(...IDS, 'no id') },
  text: { type: 'String', value: fc.constantFrom(undefined, null, '', 'a') },
  states: { type: '[State!] = OK', value: fc.constantFrom(undefined, null, 'OK', ['ERRED', 'CREATING']) },
  filter: {
    type: 'SnapshotFilter = {name: "a"}',
    value: fc.constantFrom(undefined, null, {}, { state: 'OK' }, { uuid: UUIDS[0] }),
  },
  order: { type: '[SnapshotOrder!]', value: fc.constantFrom(undefined, [], [{ field: 'NAME' }]) },
};

/** Variables by the types that they can be used for, in SDL. */
export const FITTING: Readonly<Record<string, readonly string[]>> = {
  Int: ['first', 'last'],
  'UUID!': ['uuid'],
  UUID: ['uuid'],
  '[UUID!]!': ['uuids'],
  'ID!': ['id'],
  '[SnapshotOrder!]': ['order'],
  '[State!]': ['states'],
  SnapshotFilter: ['filter'],
  String: ['text'],
  State: ['state'],
  'State!': ['state'],
};

/** The values that a client sends, without those that are undefined. */
export const variables: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc
  .record(Object.fromEntries(Object.entries(VARIABLES).map(([name, { value }]) => [name, value])))
  .map((values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)));

/** The declarations of an operation, for each variable that it uses, in fragments too. */
export function declarations(body: string, fragments: ReadonlyMap<string, string>): string {
  const texts = new Set([body]);
  for (const text of texts) {
    for (const [, name] of text.matchAll(/\.\.\.(F\d+)/g)) texts.add(fragments.get(name ?? '') ?? '');
  }
  const names = new Set([...texts].flatMap((text) => [...text.matchAll(/\$(\w+)/g)].map(([, name]) => name ?? '')));
  if (names.size === 0) return '';
  return `(${[...names].map((name) => `$${name}: ${VARIABLES[name]?.type ?? 'String'}`).join(', ')})`;
}
