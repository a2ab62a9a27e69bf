import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';
import { badInput } from '../../errors.ts';
import { conditionVariables, type Fragments, type Includes, selectedBy, Variants } from '../../executor/index.ts';
import { MAX_REST_PAGE } from '../../loading/windows.ts';
import { readSlicing } from './arguments.ts';
import { costOf, type ListSize, type Switch, UNSIZED } from './directives.ts';
import {
  type Expression,
  evaluate,
  greatest,
  number,
  product,
  read,
  shared,
  sum,
  type Variables,
  ZERO,
} from './expression.ts';
import { LimitError, type Limits } from './limits.ts';

/**
 * What an operation costs, as far as its text tells; the variables tell the rest. Made once for each parsed document, and within it once for
 * each combination of values of `@skip` and `@include`: what they leave out costs nothing.
 */
export interface CostFormula {
  /** Rows that Waldur is asked for, at most. Saturates at `Number.MAX_SAFE_INTEGER`. @param variables coerced. */
  rows(variables: Variables): number;
  /**
   * Calls that Waldur is asked, at most as far as can be planned: objects named by uuid may need one each; everything else is read
   * by pages, however many lists and objects the rows belong to. 0 for a mutation. @param variables coerced.
   */
  calls(variables: Variables): number;
  /** The list arguments that name objects, wherever they stand in the operation. @param variables coerced. */
  lists(variables: Variables): readonly ListArgument[];
  /**
   * Selections looked at to make the formula: at most those of the text, once for each way in which a fragment is used.
   * @param variables coerced.
   */
  visits(variables: Variables): number;
}

export interface ListArgument {
  /** Its path within the field's arguments: `uuids`, `input.uuids`. */
  readonly argument: string;
  /** @param variables coerced. */
  length(variables: Variables): number;
}

/** What a selection set costs: */
interface Total {
  /** for each object that it is selected of; */
  readonly each: Expression;
  /** for each item of that object, of its fields that hold items; */
  readonly item: Expression;
  /** and the greatest weight of those fields. */
  readonly weight: Expression;
}

const NOTHING: Total = { each: ZERO, item: ZERO, weight: ZERO };

/**
 * Works out what an operation of a valid document costs, from the directives of the schema. Each fragment is looked at once for each
 * way in which it is used, however often it is spread, so the time is linear. Fields selected twice count twice, and so do fragments
 * on types that exclude each other: the figure is an upper bound.
 */
export function analyze(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CostFormula {
  const fragments = fragmentsOf(document);
  const variants = new Variants(conditionVariables(operation, fragments), (variables) => {
    const analysis = new Analysis(schema, fragments, selectedBy(variables));
    const root = schema.getRootType(operation.operation);
    const total = root ? analysis.ofSet(operation.selectionSet, root, UNSIZED) : NOTHING;
    return { analysis, total };
  });
  const rows = (variables: Variables): number => evaluate(variants.of(variables).total.each, variables, []);
  return {
    rows,
    calls(variables) {
      if (operation.operation === 'mutation') return 0;
      const { lists, fetches } = variants.of(variables).analysis;
      const named = lists.reduce((sum, { length }) => sum + length(variables), 0);
      return fetches + named + Math.floor(rows(variables) / MAX_REST_PAGE);
    },
    lists: (variables) => variants.of(variables).analysis.lists,
    visits: (variables) => variants.of(variables).analysis.visits,
  };
}

function fragmentsOf(document: DocumentNode): Fragments {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  return fragments;
}

/**
 * Checks what an operation would do, before it runs: how many objects it names in a list, and how many rows and calls it may need.
 * @param variables coerced.
 * @returns the rows.
 * @throws GatewayError BAD_USER_INPUT naming the list argument, or LimitError for the rows or the calls.
 */
export function checkCost(formula: CostFormula, variables: Variables, limits: Limits): number {
  for (const { argument, length } of formula.lists(variables)) {
    const count = length(variables);
    if (count > limits.listItems) {
      throw badInput(
        argument,
        `${argument} may name at most ${limits.listItems} objects, not ${count}. Use several requests.`,
      );
    }
  }
  const rows = formula.rows(variables);
  if (rows > limits.rows) throw new LimitError('rows', rows, limits.rows);
  const calls = formula.calls(variables);
  if (calls > limits.calls) throw new LimitError('calls', calls, limits.calls);
  return rows;
}

class Analysis {
  readonly lists: ListArgument[] = [];
  visits = 0;
  /** Fields that ask Waldur by themselves. */
  fetches = 0;
  readonly #schema: GraphQLSchema;
  readonly #fragments: Fragments;
  readonly #includes: Includes;
  /** By name and by the sized fields of the field around the spread. */
  readonly #known = new Map<string, Map<ReadonlySet<string>, Total>>();
  #slots = 0;

  constructor(schema: GraphQLSchema, fragments: Fragments, includes: Includes) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#includes = includes;
  }

  /** @param sized the fields of `type` that hold the items of the list around. */
  ofSet(set: SelectionSetNode, type: GraphQLNamedType, sized: ReadonlySet<string>): Total {
    const totals = set.selections.filter(this.#includes).map((selection) => this.#ofSelection(selection, type, sized));
    return {
      each: sum(...totals.map(({ each }) => each)),
      item: sum(...totals.map(({ item }) => item)),
      weight: greatest(...totals.map(({ weight }) => weight)),
    };
  }

  #ofSelection(selection: SelectionNode, type: GraphQLNamedType, sized: ReadonlySet<string>): Total {
    this.visits++;
    switch (selection.kind) {
      case Kind.FIELD:
        return this.#ofField(selection, type, sized);
      case Kind.INLINE_FRAGMENT: {
        const condition = selection.typeCondition && this.#schema.getType(selection.typeCondition.name.value);
        return this.ofSet(selection.selectionSet, condition ?? type, sized);
      }
      case Kind.FRAGMENT_SPREAD:
        return this.#ofFragment(selection.name.value, sized);
    }
  }

  #ofFragment(name: string, sized: ReadonlySet<string>): Total {
    const uses = this.#known.get(name) ?? new Map<ReadonlySet<string>, Total>();
    this.#known.set(name, uses);
    const known = uses.get(sized);
    if (known !== undefined) return known;
    const fragment = this.#fragments[name];
    const type = fragment && this.#schema.getType(fragment.typeCondition.name.value);
    if (fragment === undefined || type === undefined) return NOTHING;
    // What a fragment finds of itself while it is being looked at; valid documents have none that does.
    uses.set(sized, NOTHING);
    const { each, item, weight } = this.ofSet(fragment.selectionSet, type, sized);
    const total: Total = { each: this.#share(each), item: this.#share(item), weight: this.#share(weight) };
    uses.set(sized, total);
    return total;
  }

  #share(expression: Expression): Expression {
    return shared(this.#slots++, expression);
  }

  #ofField(node: FieldNode, parent: GraphQLNamedType, sized: ReadonlySet<string>): Total {
    const field = this.#fieldOf(parent, node.name.value);
    if (field === undefined) return NOTHING;
    const { weight, switches, list } = costOf(this.#schema, parent, field);
    const switched = sum(...switches.map((one) => this.#ofSwitch(node, one)));
    const below = this.#below(node, field, list?.sizedFields ?? UNSIZED);
    if (weight > 0 && !sized.has(node.name.value)) this.fetches++;
    // How many items it holds, the field around it has told.
    if (sized.has(node.name.value)) return { each: ZERO, item: below.each, weight: number(weight) };
    if (list === undefined) return { ...NOTHING, each: sum(number(weight), switched, below.each) };
    const size = this.#sizeOf(node, field, list);
    const each =
      list.sizedFields.size === 0
        ? product(size, sum(number(weight), below.each))
        : sum(below.each, product(size, sum(number(weight), below.weight, below.item)));
    return { ...NOTHING, each: sum(switched, each) };
  }

  #ofSwitch(node: FieldNode, { argument, weight }: Switch): Expression {
    const given = node.arguments?.find(({ name }) => name.value === argument)?.value;
    const variable = given?.kind === Kind.VARIABLE ? given.name.value : undefined;
    const isTrue = given?.kind === Kind.BOOLEAN && given.value;
    if (variable === undefined && !isTrue) return ZERO;
    this.fetches += weight;
    return variable === undefined ? number(weight) : read((variables) => (variables[variable] === true ? weight : 0));
  }

  #below(node: FieldNode, field: GraphQLField<unknown, unknown>, sized: ReadonlySet<string>): Total {
    return node.selectionSet ? this.ofSet(node.selectionSet, getNamedType(field.type), sized) : NOTHING;
  }

  #fieldOf(parent: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> | undefined {
    if (parent === this.#schema.getQueryType()) {
      if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
      if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    }
    return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
  }

  #sizeOf(node: FieldNode, field: GraphQLField<unknown, unknown>, list: ListSize): Expression {
    const slicings = list.slicing.map((argument) => readSlicing(node, field, argument));
    for (const { argument, varies, read: tell } of slicings) {
      if (!varies && tell({})?.isLength !== true) continue;
      const length = (variables: Variables): number => {
        const told = tell(variables);
        return told?.isLength === true ? told.size : 0;
      };
      this.lists.push({ argument, length });
    }
    const size = (variables: Variables): number => {
      const sizes = slicings.map((slicing) => slicing.read(variables)?.size).filter((told) => told !== undefined);
      return sizes.length === 0 ? list.assumedSize : Math.max(...sizes);
    };
    return slicings.some(({ varies }) => varies) ? read(size) : number(size({}));
  }
}
