import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  OperationTypeNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { planArguments } from './coerce.ts';
import { type Collecting, collectFields, conditionVariables, includedBy, includedByAny, Variants } from './collect.ts';
import {
  branchField,
  completeAbstract,
  completeList,
  completeObject,
  executeFields,
  executeSerially,
  guard,
  leafField,
  leafShape,
} from './complete.ts';
import { declaredReader, readerOf } from './project.ts';
import {
  type Arguments,
  type Complete,
  type Includes,
  NoPlan,
  type Operation,
  type PlanField,
  type Projected,
  type Run,
  type SelectedField,
  type Selection,
  type Shape,
} from './types.ts';

/** Maximum fields of a plan, with fragments expanded. A larger plan would not be worth its memory. */
const MAX_FIELDS = 5_000;
/** Maximum depth of a plan. A document that was not validated may have a cycle of fragments, which would overflow the stack. */
const MAX_DEPTH = 200;

/** Executes the root fields of an operation. @throws the error that makes `data` null. */
export type Plan = (run: Run) => unknown;

/**
 * Plans an operation: once, or once for each combination of values of its `@skip` and `@include` that occurs.
 * @throws NoPlan.
 */
export function planOperation(operation: Operation, type: GraphQLObjectType): (variables: Arguments) => Plan {
  const { schema, fragments, operation: node } = operation;
  const compile = (includes: Includes): Plan => {
    const selection = new Compiler({ schema, fragments, includes }).selection(type, [node.selectionSet]);
    return node.operation === OperationTypeNode.MUTATION
      ? (run) => executeSerially(selection, run.root, run)
      : (run) => executeFields(selection, run.root, run, undefined);
  };

  // The variant with everything in is the largest: if it fits, all variants do.
  const whole = compile(includedByAny);
  const names = conditionVariables(node, fragments);
  if (names.size === 0) return () => whole;
  const variants = new Variants(names, (variables) => compile(includedBy(variables)));
  return (variables) => variants.of(variables);
}

/** How a value of a type is completed and, where possible, projected. */
interface Completion {
  readonly complete: Complete;
  readonly shape: Shape | undefined;
}

/** Compiles one operation, for the conditions of one run or for all. */
class Compiler {
  readonly #collecting: Collecting;
  #fields = 0;

  constructor(collecting: Collecting) {
    this.#collecting = collecting;
  }

  /**
   * Compiles the fields that selection sets select on an object type.
   * @throws NoPlan; GraphQLError for a condition without a value.
   */
  selection(parentType: GraphQLObjectType, sets: readonly SelectionSetNode[], depth = 0): Selection {
    if (depth > MAX_DEPTH) throw new NoPlan('The document is too large.');
    return [...collectFields(this.#collecting, parentType, sets)].flatMap(([key, nodes]) => {
      const definition = this.#definition(parentType, nodes[0].name.value);
      if (definition === undefined) return [];
      if (this.#fields >= MAX_FIELDS) throw new NoPlan('The document is too large.');
      const id = this.#fields++;
      if (definition === TypeNameMetaFieldDef) return [typename(key, parentType.name)];
      return [this.#field(planField(id, key, nodes, parentType, definition), depth)];
    });
  }

  #definition(type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> | undefined {
    if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
    if (type === this.#collecting.schema.getQueryType()) {
      if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
      if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    }
    return type.getFields()[name];
  }

  #field(field: PlanField, depth: number): SelectedField {
    const { key, nullable } = field;
    const type = getNullableType(field.type);
    if (isLeafType(type)) {
      const shape = leafShape(type, nullable);
      return { key, execute: leafField(field, shape.serialize), projected: this.#projected(field, shape) };
    }
    const { complete, shape } = this.#value(field, field.type, depth);
    return { key, execute: branchField(field, complete), projected: shape && this.#projected(field, shape) };
  }

  #projected(field: PlanField, shape: Shape): Projected | undefined {
    const read = readerOf(field, this.#collecting);
    return read && { kind: 'read', read, column: field.reader?.column, shape, mustWait: false };
  }

  #value(field: PlanField, type: GraphQLOutputType, depth: number): Completion {
    const { complete, shape } = this.#nonNull(field, type, depth);
    return { complete: guard(field, !isNonNullType(type), complete), shape };
  }

  #nonNull(field: PlanField, given: GraphQLOutputType, depth: number): Completion {
    const type = getNullableType(given);
    const nullable = !isNonNullType(given);
    if (isListType(type)) {
      const item = this.#value(field, type.ofType, depth);
      return {
        complete: completeList(field, !isNonNullType(type.ofType), item.complete),
        shape: item.shape && { kind: 'list', nullable, item: item.shape },
      };
    }
    if (isLeafType(type)) {
      const shape = leafShape(type, nullable);
      return { complete: shape.serialize, shape };
    }
    if (!isAbstractType(type)) return this.#object(field, type, nullable, depth);
    const { schema } = this.#collecting;
    const possible = schema
      .getPossibleTypes(type)
      .map((one) => [one, this.#object(field, one, nullable, depth).complete] as const);
    return { complete: completeAbstract(field, type, schema, new Map(possible)), shape: undefined };
  }

  #object(field: PlanField, type: GraphQLObjectType, nullable: boolean, depth: number): Completion {
    const sets = field.nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    try {
      const selection = this.selection(type, sets, depth + 1);
      const shape: Shape | undefined = type.isTypeOf ? undefined : { kind: 'object', nullable, selection };
      return { complete: completeObject(field, type, selection), shape };
    } catch (thrown) {
      if (thrown instanceof NoPlan) throw thrown;
      // A condition without a value is an error of every object that it selects on.
      const complete = (): never => {
        throw thrown;
      };
      return { complete, shape: undefined };
    }
  }
}

const typename = (key: string, name: string): SelectedField => ({
  key,
  execute: () => name,
  projected: { kind: 'constant', value: name },
});

function planField(
  id: number,
  key: string,
  nodes: readonly [FieldNode, ...FieldNode[]],
  parentType: GraphQLObjectType,
  definition: GraphQLField<unknown, unknown>,
): PlanField {
  return {
    id,
    key,
    nodes,
    parentType,
    name: definition.name,
    type: definition.type,
    nullable: !isNonNullType(definition.type),
    resolve: definition.resolve ?? defaultFieldResolver,
    reader: declaredReader(definition.extensions),
    ...planArguments(definition, nodes[0]),
  };
}
