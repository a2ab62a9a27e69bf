import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  type OperationTypeNode,
  type SelectionSetNode,
  specifiedRules,
  type ValidationContext,
  validate,
} from 'graphql';
import { BoundedStore } from '../cache/memory.ts';
import type { ErrorCode } from '../errors.ts';
import { admitDocument } from './limits/admit.ts';
import { analyze, type CostFormula } from './limits/cost.ts';
import type { Limits } from './limits/limits.ts';
import { scan } from './limits/scan.ts';

/** One operation of a valid document, with everything that is derived from the document alone. */
export class ValidOperation {
  readonly document: DocumentNode;
  readonly node: OperationDefinitionNode;
  /** Identifies the operation, as long as this gateway runs. Equal documents share it while the cache holds them. */
  readonly id = ++lastId;
  readonly #schema: GraphQLSchema;
  #cost: CostFormula | undefined;
  #introspective: boolean | undefined;

  constructor(schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode) {
    this.#schema = schema;
    this.document = document;
    this.node = node;
  }

  get kind(): `${OperationTypeNode}` {
    return this.node.operation;
  }

  get cost(): CostFormula {
    this.#cost ??= analyze(this.#schema, this.document, this.node);
    return this.#cost;
  }

  /** Whether it queries the schema alone. Its answer does not depend on the caller, the time or Waldur. */
  get introspective(): boolean {
    this.#introspective ??= isIntrospective(this.document, this.node);
    return this.#introspective;
  }
}

let lastId = 0;

/** A valid document within the limits on text and structure. */
export class ValidDocument {
  readonly node: DocumentNode;
  readonly #operations: readonly ValidOperation[];

  constructor(schema: GraphQLSchema, node: DocumentNode) {
    this.node = node;
    this.#operations = node.definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? [new ValidOperation(schema, node, definition)] : [],
    );
  }

  /** Chooses an operation as the specification does. @returns the error, in graphql-js's words, when the name chooses none. */
  choose(name: string | null | undefined): ValidOperation | GraphQLError {
    if (typeof name === 'string') {
      const named = this.#operations.find(({ node }) => node.name?.value === name);
      return named ?? unresolved(`Unknown operation named "${name}".`);
    }
    const [first, ...others] = this.#operations;
    if (first === undefined) return unresolved('Must provide an operation.');
    return others.length === 0
      ? first
      : unresolved('Must provide operation name if query contains multiple operations.');
  }
}

/** Whether a document consists of white space, commas and comments. */
const isEmpty = (text: string): boolean => scan(text, WITHOUT_TOKENS).tokens === 0;

const WITHOUT_TOKENS = { tokens: 0, comments: Number.POSITIVE_INFINITY, nesting: Number.POSITIVE_INFINITY };

/** The code is that of a request without a document. */
const emptyDocument = (): GraphQLError =>
  new GraphQLError('The document is empty. Send at least one operation in query.', {
    extensions: { code: 'BAD_REQUEST' },
  });

const unresolved = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });

/** A valid document, or why it is refused. */
export type Validated =
  | { readonly ok: true; readonly document: ValidDocument }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

export interface DocumentRules {
  readonly schema: GraphQLSchema;
  readonly introspection: boolean;
  readonly limits: Limits;
}

/** Maximum number of cached documents: a client sends few different ones, an attacker any number. */
const MOST_DOCUMENTS = 1_000;
/** Maximum length of all cached documents together. A parsed document takes up to 80 times its length, so this is 40 MB. */
const MOST_CHARACTERS = 500_000;
/** Maximum length of one cached document. Validating a longer one again takes no longer than receiving it. */
const LONGEST_KEPT = 10_000;

/**
 * Parses and validates documents, once for all transports. Refused documents are cached as well. The key is the exact document and
 * nothing else: not a hash, and not the operation name, which is looked up inside the document. So no document can be taken for another.
 */
export class Documents {
  readonly #rules: DocumentRules;
  readonly #validationRules: typeof specifiedRules;
  readonly #kept = new BoundedStore<{ readonly validated: Validated; readonly length: number }>({
    entries: MOST_DOCUMENTS,
    weight: { most: MOST_CHARACTERS, of: ({ length }) => length },
  });

  constructor(rules: DocumentRules) {
    this.#rules = rules;
    this.#validationRules = rules.introspection
      ? specifiedRules
      : [...specifiedRules, NoSchemaIntrospectionCustomRule, noServiceDefinition];
  }

  /** @returns the cached result of `validate`. */
  known(text: string): Validated | undefined {
    return this.#kept.get(text)?.validated;
  }

  /** Parses and validates a document within the limits on its text and structure. Never throws for what a client sent. */
  validate(text: string): Validated {
    const known = this.known(text);
    if (known !== undefined) return known;
    const validated = this.#validate(text);
    if (text.length <= LONGEST_KEPT) this.#kept.set(text, { validated, length: text.length });
    return validated;
  }

  #validate(text: string): Validated {
    const { schema, limits } = this.#rules;
    if (isEmpty(text)) return { ok: false, errors: [emptyDocument()] };
    const admission = admitDocument(text, limits);
    if (!admission.ok) return { ok: false, errors: [withCode(admission.error, 'GRAPHQL_PARSE_FAILED')] };
    const errors = validate(schema, admission.document, this.#validationRules);
    return errors.length === 0
      ? { ok: true, document: new ValidDocument(schema, admission.document) }
      : { ok: false, errors: errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) };
  }
}

/** Refuses `_service` of Federation, which contains the whole schema. */
const noServiceDefinition = (context: ValidationContext): ASTVisitor => ({
  Field(node) {
    const type = context.getType();
    if (!type || getNamedType(type).name !== '_Service') return;
    const message = `GraphQL introspection has been disabled, but the requested query contained the field "${node.name.value}".`;
    context.reportError(new GraphQLError(message, { nodes: [node] }));
  },
});

/** Adds a code to an error that has none. */
export function withCode(error: GraphQLError, code: ErrorCode): GraphQLError {
  const { message, nodes, source, positions, originalError, extensions } = error;
  if (extensions.code !== undefined) return error;
  return new GraphQLError(message, {
    ...(nodes && { nodes }),
    ...(source && { source }),
    ...(positions && { positions }),
    ...(originalError && { originalError }),
    extensions: { ...extensions, code },
  });
}

/** Whether a query selects only `__schema`, `__type` and `__typename` at its root. */
function isIntrospective(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  // Each fragment is checked once, however often it is spread.
  const seen = new Set<string>();
  const isMeta = ({ selections }: SelectionSetNode): boolean =>
    selections.every((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value.startsWith('__');
      if (selection.kind === Kind.INLINE_FRAGMENT) return isMeta(selection.selectionSet);
      const { value: name } = selection.name;
      if (seen.has(name)) return true;
      seen.add(name);
      const fragment = fragments.get(name);
      return fragment !== undefined && isMeta(fragment);
    });
  return operation.operation === 'query' && isMeta(operation.selectionSet);
}
