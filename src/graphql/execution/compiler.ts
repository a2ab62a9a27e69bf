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
import { answerFactory } from './answers.ts';
import { planArguments } from './arguments.ts';
import { type Collected, type Collecting, collectFields } from './collect.ts';
import { branchField, leafField } from './fields.ts';
import { guard } from './guard.ts';
import { completeJoin } from './joins.ts';
import { serializer } from './leaves.ts';
import { completeList } from './lists.ts';
import { NoPlan } from './no-plan.ts';
import { completeObject } from './objects.ts';
import type { Complete, Execute, PlanField, Selection } from './plan.ts';

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
    return { fields: this.#executes(type, collected, depth), blank: answerFactory(collected.has('__proto__')) };
  }

  #executes(parentType: GraphQLObjectType, collected: Collected, depth: number): Selection['fields'] {
    return [...collected].flatMap(([key, nodes]) => {
      const definition = this.#definition(parentType, nodes[0].name.value);
      if (definition === undefined) return [];
      if (this.#fields >= MAX_FIELDS) throw new NoPlan('The document is too large.');
      const id = this.#fields++;
      if (definition === TypeNameMetaFieldDef) return [{ key, execute: () => parentType.name }];
      return [{ key, execute: this.#execute(planField(id, key, nodes, parentType, definition), depth) }];
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

  #execute(field: PlanField, depth: number): Execute {
    const type = getNullableType(field.type);
    if (isLeafType(type)) return leafField(field, serializer(type));
    const complete = this.#complete(field, field.type, depth);
    return branchField(field, complete, isListType(type) ? complete : completeJoin(field, complete));
  }

  #complete(field: PlanField, type: GraphQLOutputType, depth: number): Complete {
    return guard(field, !isNonNullType(type), this.#completePresent(field, type, depth));
  }

  #completePresent(field: PlanField, given: GraphQLOutputType, depth: number): Complete {
    const type = getNullableType(given);
    const { schema } = this.#collecting;
    if (isListType(type)) {
      return completeList(field, !isNonNullType(type.ofType), this.#complete(field, type.ofType, depth));
    }
    if (isLeafType(type)) return serializer(type);
    if (!isAbstractType(type)) return this.#completeObject(field, type, depth);
    const possible = schema
      .getPossibleTypes(type)
      .map((one) => [one, this.#completeObject(field, one, depth)] as const);
    return completeAbstract(field, type, schema, new Map(possible));
  }

  #completeObject(field: PlanField, type: GraphQLObjectType, depth: number): Complete {
    const sets = field.nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    let selection: Selection;
    try {
      selection = this.selection(type, sets, depth + 1);
    } catch (thrown) {
      if (thrown instanceof NoPlan) throw thrown;
      // A condition without a value is an error of every object that it stands on.
      return () => {
        throw thrown;
      };
    }
    return completeObject(field, type, selection);
  }
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
    ...planArguments(definition, nodes[0]),
  };
}
