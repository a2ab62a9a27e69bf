import { readdirSync, readFileSync } from 'node:fs';
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  type TypeNode,
  visit,
} from 'graphql';
import { ENTITY_KEYS, FEDERATION_VERSION, REPLACED_BY_ENTITIES } from '../src/graph/federation/entities.ts';
import { ROOT } from './run.ts';

/** Makes the documents in `schema/printed/`, which the gateway runs and serves, of the files in `schema/`. */

const FOLDER = `${ROOT}schema/`;

/** The sources: all files of `schema/`, in alphabetical order. */
const readSources = (): string =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.graphql'))
    .sort()
    .map((file) => readFileSync(FOLDER + file, 'utf8'))
    .join('\n');

/** The schema as one document, in the order of the sources. */
export const mergedSchema = (): string => `${print(mergeExtensions(parse(readSources(), { noLocation: true })))}\n`;

/** The schema of the gateway as a subgraph of Federation 2. @param merged the result of `mergedSchema`. */
export function federationSchema(merged: string): string {
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/${FEDERATION_VERSION}", import: ["@key", "@shareable"])`;
  return `${link}\n\n${print(asSubgraph(parse(merged, { noLocation: true })))}\n`;
}

/** What an extension can add to a definition. Each is a list. */
const PARTS = ['interfaces', 'directives', 'fields', 'types', 'values'] as const;

type Parts = { readonly [Part in (typeof PARTS)[number]]?: readonly unknown[] };

/**
 * Moves what each `extend type`, `extend enum` and so on adds into the definition. Tools such as relay-compiler do not read extensions.
 * @throws Error for an extension without a definition, or a default value of a custom scalar.
 */
export function mergeExtensions(document: DocumentNode): DocumentNode {
  refuseDefaultsOfScalars(document);
  const definitions = document.definitions.filter(({ kind }) => !kind.endsWith('Extension'));
  const extensions = document.definitions.filter(({ kind }) => kind.endsWith('Extension'));
  for (const extension of extensions) {
    const isExtended = (one: DefinitionNode): boolean => nameOf(one) === nameOf(extension);
    const place = definitions.findIndex((one) => one.kind === definitionKind(extension) && isExtended(one));
    const definition = definitions[place];
    if (definition === undefined) throw new Error(`${nameOf(extension)} is extended and never defined.`);
    definitions[place] = extended(definition, extension);
  }
  return { ...document, definitions };
}

const nameOf = (definition: DefinitionNode): string | undefined =>
  'name' in definition ? definition.name?.value : undefined;

const definitionKind = ({ kind }: DefinitionNode): string => kind.replace('Extension', 'Definition');

function extended(definition: DefinitionNode, extension: DefinitionNode): DefinitionNode {
  const [own, added]: readonly Parts[] = [definition, extension] as readonly Parts[];
  const merged = PARTS.flatMap((part) => {
    const items = [...(own?.[part] ?? []), ...(added?.[part] ?? [])];
    return items.length === 0 ? [] : [[part, items]];
  });
  return { ...definition, ...Object.fromEntries(merged) };
}

/** The run-time schema gets its scalars after it is built, so such a default value would not be parsed by its scalar. */
function refuseDefaultsOfScalars(document: DocumentNode): void {
  const scalars = new Set(
    document.definitions.flatMap((one) => (one.kind === Kind.SCALAR_TYPE_DEFINITION ? [one.name.value] : [])),
  );
  visit(document, {
    InputValueDefinition({ name, type, defaultValue }) {
      if (defaultValue === undefined || !scalars.has(namedType(type))) return;
      throw new Error(`${name.value} has a default value of a custom scalar, which the gateway does not parse.`);
    },
  });
}

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));

/** Adds the keys of entities, and takes out the root fields that entities replace. */
function asSubgraph(document: DocumentNode): DocumentNode {
  const keys: Readonly<Record<string, readonly string[]>> = ENTITY_KEYS;
  const asPart = (type: ObjectTypeDefinitionNode): ObjectTypeDefinitionNode => {
    const name = type.name.value;
    const added = name === 'PageInfo' ? ['@shareable'] : (keys[name] ?? []).map((key) => `@key(fields: "${key}")`);
    const isKept = (field: FieldDefinitionNode): boolean =>
      name !== 'Query' || !REPLACED_BY_ENTITIES.some((replaced) => replaced === field.name.value);
    return {
      ...type,
      directives: [...(type.directives ?? []), ...added.flatMap(directivesOf)],
      fields: (type.fields ?? []).filter(isKept),
    };
  };
  return visit(document, { ObjectTypeDefinition: asPart });
}

function directivesOf(text: string): readonly ConstDirectiveNode[] {
  const [type] = parse(`scalar Any ${text}`, { noLocation: true }).definitions;
  return type?.kind === Kind.SCALAR_TYPE_DEFINITION ? (type.directives ?? []) : [];
}
