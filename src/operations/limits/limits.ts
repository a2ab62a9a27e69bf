import { GraphQLError, type GraphQLErrorOptions } from 'graphql';
import { GatewayError } from '../../errors.ts';
import { MAX_BATCH } from '../../graph/lists/arguments.ts';

/** One limit on documents: what is allowed unless configured otherwise, and how to tell a person about it. */
interface LimitText {
  readonly fallback: number;
  /** The sentence that states the figure; what is counted, in the words of the GraphQL specification. */
  readonly states: (figure: string) => string;
  readonly advice: string;
}

/**
 * The limits on documents, in the order in which they are checked. Counts of an operation are taken with its fragments expanded.
 */
export const LIMITS = {
  tokens: {
    fallback: 5_000,
    states: (figure) => `The document has ${figure} tokens`,
    advice: 'Ask in several requests.',
  },
  comments: {
    fallback: 5_000,
    states: (figure) => `The document has ${figure} comments`,
    advice: 'Strip them before sending.',
  },
  /** Far beyond every other limit on nesting; it keeps the parser, which calls itself for each level, within its stack. */
  nesting: {
    fallback: 200,
    states: (figure) => `The document nests brackets ${figure} deep`,
    advice: 'Ask for less depth, and pass nested values as variables.',
  },
  /** A single token may be as long as the body, and is read, hashed and repeated in messages. */
  characters: {
    fallback: 200_000,
    states: (figure) => `The document has ${figure} characters`,
    advice: 'Pass long values as variables.',
  },
  /** What validation takes grows with the square of the number of definitions. */
  definitions: {
    fallback: 100,
    states: (figure) => `The document has ${figure} operations and fragments`,
    advice: 'Send only the operation that is asked for.',
  },
  depth: {
    fallback: 15,
    states: (figure) => `The operation is ${figure} fields deep`,
    advice: 'Ask for the deeper objects in a request of their own.',
  },
  introspectionDepth: {
    fallback: 30,
    states: (figure) => `The operation asks for the schema ${figure} fields deep`,
    advice: 'Unwrap types less often.',
  },
  /** Functions that walk an operation call themselves for each fragment within a fragment, too. */
  selectionDepth: {
    fallback: 100,
    states: (figure) => `The operation nests selections ${figure} deep, those of fragments included`,
    advice: 'Nest fragments less.',
  },
  rootFields: {
    fallback: 30,
    states: (figure) => `The operation has ${figure} fields at its root`,
    advice: 'Ask in several requests, or by a list argument.',
  },
  aliases: {
    fallback: 50,
    states: (figure) => `The operation has ${figure} aliases`,
    advice: 'Ask in several requests, or by a list argument.',
  },
  directives: {
    fallback: 50,
    states: (figure) => `The operation has ${figure} directives`,
    advice: 'Leave out those that change nothing, or ask in several requests.',
  },
  /** Of all operations together. No other limit bounds fragments that spread others twice, level upon level. */
  fields: {
    fallback: 10_000,
    states: (figure) => `The document has ${figure} fields once its fragments are expanded`,
    advice: 'Spread each fragment once at each place.',
  },
  /** Of the document; see `countPairs`. */
  pairs: {
    fallback: 20_000,
    states: (figure) =>
      `The document repeats fields at the same place so often that ${figure} pairs are to be compared`,
    advice: 'Select each field once at each place.',
  },
  rows: {
    fallback: 50_000,
    states: (figure) => `The operation may need ${figure} rows`,
    advice: 'Ask for smaller pages (first, last) or for fewer lists within lists.',
  },
  /** Of queries. What a planner cannot foresee is bounded while the operation runs. */
  calls: {
    fallback: 250,
    states: (figure) => `The operation may need ${figure} calls to Waldur`,
    advice: 'Ask for fewer objects by uuid and for fewer lists, or in several requests.',
  },
} as const satisfies Record<string, LimitText>;

export type LimitName = keyof typeof LIMITS;

/** What is allowed, limit by limit. */
export type Limits = Readonly<Record<LimitName | ValueLimitName, number>>;

/** Limits on values; who exceeds them gets BAD_USER_INPUT with the argument's name. */
const VALUE_LIMITS = {
  /** Objects named in one list argument. */
  listItems: MAX_BATCH,
  /** Items of any list in the variables. */
  variableItems: 1_000,
  /** Values in the variables altogether. */
  variableValues: 10_000,
  /** Levels of lists and objects in a variable. */
  variableDepth: 50,
} as const;

type ValueLimitName = keyof typeof VALUE_LIMITS;

export const DEFAULT_LIMITS: Limits = Object.freeze({
  ...VALUE_LIMITS,
  ...(Object.fromEntries(Object.entries(LIMITS).map(([name, { fallback }]) => [name, fallback])) as Record<
    LimitName,
    number
  >),
});

/** A QUERY_TOO_COMPLEX: says which limit, the figure, what is allowed and what to do. */
export class LimitError extends GatewayError {
  readonly limit: LimitName;
  readonly figure: number;
  readonly allowed: number;

  /** @param figure what was counted; `allowed + 1` with `counted: 'partly'` when counting stopped there. */
  constructor(limit: LimitName, figure: number, allowed: number, counted: 'wholly' | 'partly' = 'wholly') {
    const { states, advice } = LIMITS[limit];
    const exact = counted === 'wholly' && figure < Number.MAX_SAFE_INTEGER;
    const shown = exact ? String(figure) : `more than ${counted === 'partly' ? allowed : Number.MAX_SAFE_INTEGER - 1}`;
    super('QUERY_TOO_COMPLEX', `${states(shown)}; ${allowed} is the most allowed. ${advice}`);
    this.limit = limit;
    this.figure = figure;
    this.allowed = allowed;
  }
}

/** The error as graphql-js, Apollo and graphql-ws pass errors on; `formatError` shows what the inner one says. */
export const located = (error: GatewayError, where: GraphQLErrorOptions = {}): GraphQLError =>
  new GraphQLError(error.message, { ...where, originalError: error, extensions: { code: error.code } });

/** The limit that an error tells of, also when a library has wrapped it. */
export function limitOf(error: unknown): LimitError | undefined {
  const cause = error instanceof GraphQLError ? error.originalError : error;
  return cause instanceof LimitError ? cause : undefined;
}

/** Adds without leaving the integers that can be told apart; what is beyond them is only known to be huge. */
export const add = (a: number, b: number): number => Math.min(a + b, Number.MAX_SAFE_INTEGER);

/** Multiplies likewise. */
export const multiply = (a: number, b: number): number => Math.min(a * b, Number.MAX_SAFE_INTEGER);
