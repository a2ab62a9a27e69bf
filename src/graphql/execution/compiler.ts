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
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { completeAbstract } from './abstracts.ts';
import { answersOf } from './answers.ts';
import { planArguments } from './arguments.ts';
import { type Collected, type Collecting, collectFields } from './collect.ts';
import { branchField, leafField } from './fields.ts';
import { guard } from './guard.ts';
import { completeJoin } from './joins.ts';
import { leafOf, serializer } from './leaves.ts';
import { completeList } from './lists.ts';
import { NoPlan } from './no-plan.ts';
import { completeObject } from './objects.ts';
import type { Complete, PlanField, Selection } from './plan.ts';
import { type Convert, straightField, straightLeaf, straightList, straightObject } from './straight.ts';

/** Most fields of a plan, fragments written out. A document over it would take more memory than it saves time. */
const MAX_FIELDS = 5_000;
/** Deeper documents are refused by the limits; this one keeps a circle of fragments from ending the gateway. */
const MAX_DEPTH = 200;

/** Makes the plan of one document, for the conditions of one run or for any. */
export class Compiler {
  readonly #collecting: Collecting;
  #fields = 0;

  constructor(collecting: Collecting) {
    this.#collecting = collecting;
  }

  /**
   * The fields that selection sets, merged, ask of an object of a type.
   * @throws NoPlan; GraphQLError for a condition without a value.
   */
  selection(type: GraphQLObjectType, sets: readonly SelectionSetNode[], depth = 0): Selection {
    if (depth > MAX_DEPTH) throw new NoPlan('The document is too large.');
    const collected = collectFields(this.#collecting, type, sets);
    return { fields: this.#executes(type, collected, depth), ...answersOf([...collected.keys()]) };
  }

  #executes(parentType: GraphQLObjectType, collected: Collected, depth: number): Selection['fields'] {
    return [...collected].flatMap(([key, nodes]) => {
      const definition = this.#definition(parentType, nodes[0].name.value);
      if (definition === undefined) return [];
      if (this.#fields >= MAX_FIELDS) throw new NoPlan('The document is too large.');
      const id = this.#fields++;
      if (definition === TypeNameMetaFieldDef) {
        const name = () => parentType.name;
        return [{ key, execute: name, written: { straight: name } }];
      }
      return [{ key, ...this.#field(planField(id, key, nodes, parentType, definition), depth) }];
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

  #field(field: PlanField, depth: number): Omit<Selection['fields'][number], 'key'> {
    const { fragments } = this.#collecting;
    const type = getNullableType(field.type);
    if (isLeafType(type)) {
      const serialize = serializer(type);
      const straight = straightField(field, fragments, straightLeaf(serialize, field.nullable));
      const leaf = leafOf(type);
      return {
        execute: leafField(field, serialize),
        written: straight && { straight, column: field.extensions.column, leaf },
      };
    }
    const { complete, convert } = this.#value(field, field.type, depth);
    const straight = straightField(field, fragments, convert);
    return {
      // What stands at the root stands there once.
      execute: branchField(field, complete, isListType(type) || depth === 0 ? complete : completeJoin(field, complete)),
      written: straight && { straight },
    };
  }

  #value(field: PlanField, type: GraphQLOutputType, depth: number): Completion {
    const { complete, convert } = this.#present(field, type, depth);
    return { complete: guard(field, !isNonNullType(type), complete), convert };
  }

  #present(field: PlanField, given: GraphQLOutputType, depth: number): Completion {
    const type = getNullableType(given);
    const nullable = !isNonNullType(given);
    const { schema } = this.#collecting;
    if (isListType(type)) {
      const item = this.#value(field, type.ofType, depth);
      return {
        complete: completeList(field, !isNonNullType(type.ofType), item.complete),
        convert: item.convert && straightList(item.convert, nullable),
      };
    }
    if (isLeafType(type)) {
      const serialize = serializer(type);
      return { complete: serialize, convert: straightLeaf(serialize, nullable) };
    }
    if (!isAbstractType(type)) return this.#object(field, type, nullable, depth);
    const possible = schema
      .getPossibleTypes(type)
      .map((one) => [one, this.#object(field, one, nullable, depth).complete] as const);
    return {
      complete: completeAbstract(field, type, schema, new Map(possible)),
      convert: undefined,
    };
  }

  #object(field: PlanField, type: GraphQLObjectType, nullable: boolean, depth: number): Completion {
    const sets = field.nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    try {
      const selection = this.selection(type, sets, depth + 1);
      return {
        complete: completeObject(field, type, selection),
        convert: type.isTypeOf ? undefined : straightObject(selection, nullable),
      };
    } catch (thrown) {
      if (thrown instanceof NoPlan) throw thrown;
      // A condition without a value is an error of every object that it stands on.
      const complete = (): never => {
        throw thrown;
      };
      return { complete, convert: undefined };
    }
  }
}

/** Two ways to what stands in the answer. */
interface Completion {
  readonly complete: Complete;
  readonly convert: Convert | undefined;
}

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
    extensions: definition.extensions,
    ...planArguments(definition, nodes[0]),
  };
}
