import { type Document, type Field, type Operation, readDocument, type SelectionSet, type Span } from './document.ts';
import type { Payload } from './types.ts';

/** Root fields that send events with cursors, and the field of the event that holds the object. */
const STREAMS: Readonly<Record<string, string>> = { snapshotChanges: 'snapshot', volumeChanges: 'volume' };

/** A document that selects what is needed to resume, and takes the cursor from a variable. */
export interface ResumableDocument {
  readonly query: string;
  /** Whether `query` differs from the document that was given. */
  readonly isRewritten: boolean;
  /** Response key of the stream. */
  readonly rootKey: string;
  /** Response key of the object of an event; undefined if it is not selected. */
  readonly objectKey: string | undefined;
  /** Response keys of the needed fields of an event. */
  readonly keys: Readonly<Record<string, string>>;
  /** Response keys that only the rewritten document selects. */
  readonly addedKeys: readonly string[];
  /** The variable that holds the cursor. */
  readonly cursorVariable: string;
  /** The variable that held it in the original document, if that is another one. */
  readonly originalVariable: string | undefined;
}

/**
 * @param needs fields of the event that must be selected.
 * @returns undefined if the operation is not a stream with cursors, or if the document cannot be read: the server then says why.
 */
export function makeResumable(
  { query, operationName }: Payload,
  needs: readonly string[],
): ResumableDocument | undefined {
  // Persisted documents may have no text.
  const document = typeof query === 'string' ? readDocument(query) : undefined;
  if (document === undefined) return undefined;
  const operation = selectOperation(document, operationName ?? undefined);
  if (operation?.type !== 'subscription') return undefined;
  if (document.operations.length === 1) return rewrite(query, document, operation, needs);
  // Fragments are changed for one operation, so no other operation may stay beside it.
  const alone = withoutOthers(query, document, operation);
  const rewritten = makeResumable({ query: alone, operationName }, needs);
  return rewritten && (rewritten.isRewritten ? rewritten : { ...rewritten, query });
}

function rewrite(
  query: string,
  document: Document,
  operation: Operation,
  needs: readonly string[],
): ResumableDocument | undefined {
  const { fields } = rootFields(document, operation);
  const [first] = fields;
  const objectField = STREAMS[first?.name ?? ''];
  if (first === undefined || objectField === undefined) return undefined;
  // A subscription has one root field. It may stand there several times, with the same name and arguments.
  if (fields.some(({ name, key }) => name !== first.name || key !== first.key)) return undefined;
  const edits = new Edits(query);
  const cursor = passCursor(document, operation, fields, edits);
  const selected = selectFields(document, fields, needs, objectField, edits);
  return { query: edits.apply(), isRewritten: !edits.isEmpty, rootKey: first.key, ...selected, ...cursor };
}

function withoutOthers(query: string, document: Document, operation: Operation): string {
  const { reached } = rootFields(document, operation);
  return [operation, ...document.fragments.values()]
    .filter((one) => one === operation || reached.has(one.name ?? ''))
    .map(({ start, end }) => query.slice(start, end))
    .join('\n');
}

function selectOperation({ operations }: Document, name: string | undefined): Operation | undefined {
  if (name === undefined) return operations.length === 1 ? operations[0] : undefined;
  return operations.find((operation) => operation.name === name);
}

/** @returns the fields of an operation, and the fragments that it uses at any depth. */
function rootFields(document: Document, operation: Operation): { fields: Field[]; reached: Set<string> } {
  const fields = new Set<Field>();
  const reached = new Set<string>();
  for (const { field, depth, fragment } of walk(document, operation.selection)) {
    if (fragment !== undefined) reached.add(fragment);
    if (field !== undefined && depth === 0) fields.add(field);
  }
  return { fields: [...fields], reached };
}

interface Visit {
  readonly field?: Field;
  readonly fragment?: string;
  /** Fields around it. */
  readonly depth: number;
  /** It, or a fragment around it, has directives. */
  readonly isConditional: boolean;
}

/** All fields and spreads below a selection set. Each fragment is entered once for each depth and condition, so that circles end. */
function* walk(document: Document, selection: SelectionSet): Generator<Visit> {
  const seen = new Set<string>();
  function* inside({ selections }: SelectionSet, depth: number, isConditional: boolean): Generator<Visit> {
    for (const one of selections) {
      const conditional = isConditional || one.isConditional;
      if (one.kind === 'field') {
        yield { field: one, depth, isConditional: conditional };
        // What stands below the root is the same for all depths.
        if (one.selection !== undefined) yield* inside(one.selection, 1, conditional);
      } else if (one.kind === 'inline') {
        yield* inside(one.selection, depth, conditional);
      } else {
        const visit = `${one.fragment} ${depth} ${conditional}`;
        const fragment = document.fragments.get(one.fragment);
        yield { fragment: one.fragment, depth, isConditional: conditional };
        if (seen.has(visit) || fragment === undefined) continue;
        seen.add(visit);
        yield* inside(fragment.selection, depth, conditional);
      }
    }
  }
  yield* inside(selection, 0, false);
}

/** Makes a nullable variable of type String the value of `after`. */
function passCursor(
  document: Document,
  operation: Operation,
  fields: readonly Field[],
  edits: Edits,
): Pick<ResumableDocument, 'cursorVariable' | 'originalVariable'> {
  const given = fields.map((field) => field.arguments.find(({ name }) => name === 'after'));
  const variable = given[0]?.variable;
  const definition = operation.variables.find(({ name }) => name === variable);
  if (variable !== undefined && document.variableUses.get(variable) === given.length) {
    // After RESET the cursor is null.
    if (definition !== undefined && edits.text(definition.type) !== 'String') edits.replace(definition.type, 'String');
    return { cursorVariable: variable, originalVariable: undefined };
  }
  const taken = new Set([...document.variableUses.keys(), ...operation.variables.map(({ name }) => name)]);
  const cursorVariable = unused('liveAfter', taken);
  // A value that the document has becomes the default, so that it is sent as it was written.
  const value = variable === undefined ? given[0]?.value : definition?.defaultValue;
  const defined = `$${cursorVariable}: String${value === undefined ? '' : ` = ${edits.text(value)}`}`;
  if (operation.variablesStart !== undefined) edits.insert(operation.variablesStart, `${defined} `);
  else edits.insert(operation.headEnd, `(${defined})`);
  for (const [i, field] of fields.entries()) {
    const argument = given[i];
    if (argument !== undefined) edits.replace(argument.value, `$${cursorVariable}`);
    else if (field.argumentsStart !== undefined) edits.insert(field.argumentsStart, `after: $${cursorVariable} `);
    else edits.insert(field.nameEnd, `(after: $${cursorVariable})`);
  }
  return { cursorVariable, originalVariable: variable };
}

/** Selects fields of the event. A field that is always selected, under any alias, is used as it is. */
function selectFields(
  document: Document,
  fields: readonly Field[],
  needs: readonly string[],
  objectField: string,
  edits: Edits,
): Pick<ResumableDocument, 'keys' | 'addedKeys' | 'objectKey'> {
  let objectKey: string | undefined;
  const responseKeys = new Set<string>();
  const selected = new Map<string, string>();
  for (const root of fields) {
    if (root.selection === undefined) continue;
    for (const { field, depth, isConditional } of walk(document, root.selection)) {
      if (field === undefined || depth > 0) continue;
      responseKeys.add(field.key);
      if (field.name === objectField) objectKey ??= field.key;
      if (!isConditional && !root.isConditional && field.selection === undefined) selected.set(field.name, field.key);
    }
  }
  const keys: Record<string, string> = {};
  const addedKeys: string[] = [];
  for (const name of needs) {
    const key = selected.get(name) ?? unused(responseKeys.has(name) ? `live${capitalized(name)}` : name, responseKeys);
    keys[name] = key;
    if (selected.has(name)) continue;
    responseKeys.add(key);
    addedKeys.push(key);
    const text = key === name ? name : `${key}: ${name}`;
    for (const { selection } of fields) if (selection !== undefined) edits.insert(selection.start, ` ${text} `);
  }
  return { keys, addedKeys, objectKey };
}

const capitalized = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

function unused(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i += 1) free = `${name}${i}`;
  return free;
}

/** Changes of a text, by their places in it. */
class Edits {
  readonly #source: string;
  readonly #edits: (Span & { readonly text: string })[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  get isEmpty(): boolean {
    return this.#edits.length === 0;
  }

  text({ start, end }: Span): string {
    return this.#source.slice(start, end);
  }

  insert(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text });
  }

  replace({ start, end }: Span, text: string): void {
    this.#edits.push({ start, end, text });
  }

  apply(): string {
    let result = '';
    let at = 0;
    // Insertions at the same place keep their order: the sort is stable.
    for (const { start, end, text } of [...this.#edits].sort((a, b) => a.start - b.start)) {
      result += this.#source.slice(at, start) + text;
      at = end;
    }
    return result + this.#source.slice(at);
  }
}
