import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationTypeNode,
} from 'graphql';
import { GatewayError } from '../errors.ts';
import { type CompiledOperation, CompiledOperations } from '../executor/index.ts';
import type { GraphContext } from '../graph/context.ts';
import { Documents, type Validated, type ValidOperation, withCode } from './documents.ts';
import { type ErrorLog, formatErrors } from './format-error.ts';
import { checkCost } from './limits/cost.ts';
import { type Limits, located } from './limits/limits.ts';
import { checkVariables } from './limits/variables.ts';

/** What a request may ask for in `extensions`, by the header `X-Explain: cost, calls`. */
export type Explanation = 'cost' | 'calls';

export const NO_EXPLANATION: ReadonlySet<Explanation> = new Set();

/** An operation as a client sends it, on any transport. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** An operation with its variables that passed every check and may run. */
export interface CheckedOperation {
  readonly ok: true;
  readonly kind: `${OperationTypeNode}`;
  readonly operation: ValidOperation;
  /** The variables as they came; graphql-js coerces them itself. */
  readonly given: Readonly<Record<string, unknown>>;
  /** The variables, coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Rows that it may need, as estimated. */
  readonly rows: number;
  /** Of a query or mutation, from its second request on. */
  readonly plan: CompiledOperation<GraphContext> | undefined;
}

/** Why an operation may not run. */
export interface RefusedOperation {
  readonly ok: false;
  readonly errors: readonly GraphQLError[];
  /** undefined when no operation was found. */
  readonly kind: `${OperationTypeNode}` | undefined;
}

export interface PipelineOptions {
  readonly schema: GraphQLSchema;
  readonly introspection: boolean;
  readonly limits: Limits;
  readonly log: ErrorLog;
}

/** Most errors that are listed about the variables of one request, as graphql-js does by default when it executes. */
const MOST_VARIABLE_ERRORS = 50;

/**
 * The way of an operation, the same for every transport: parse, limits on text and structure, validate, choose the operation, limits on
 * variables, coerce, cost, execute, format. `check` does everything before the execution.
 */
export class OperationPipeline {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly #limits: Limits;
  readonly #log: ErrorLog;
  readonly #plans: CompiledOperations<GraphContext>;

  constructor({ schema, introspection, limits, log }: PipelineOptions) {
    this.schema = schema;
    this.documents = new Documents({ schema, introspection, limits });
    this.#limits = limits;
    this.#log = log;
    this.#plans = new CompiledOperations(schema);
  }

  /**
   * Decides whether an operation may run. Nothing of it has run then, and nothing was asked of Waldur.
   * @param validated its document, when the caller has validated it already.
   */
  check(
    { query, operationName, variables }: OperationRequest,
    validated: Validated = this.documents.validate(query),
  ): CheckedOperation | RefusedOperation {
    if (!validated.ok) return { ok: false, errors: validated.errors, kind: undefined };
    const operation = validated.document.choose(operationName);
    if (operation instanceof GraphQLError) return { ok: false, errors: [operation], kind: undefined };
    const { kind } = operation;
    const given = variables ?? NO_VARIABLES;
    try {
      checkVariables(given, this.#limits);
      // A subscription runs once for each event, so its plan is looked for then.
      const plan = kind === 'subscription' ? undefined : this.#plans.find(operation.document, operation.node);
      const coerced = plan?.coerce(given) ?? this.#coerce(operation, given);
      if (Array.isArray(coerced)) return { ok: false, errors: coerced, kind };
      const rows = checkCost(operation.cost, coerced, this.#limits);
      return { ok: true, kind, operation, given, variables: coerced, rows, plan };
    } catch (error) {
      if (error instanceof GatewayError) return { ok: false, errors: [located(error)], kind };
      throw error;
    }
  }

  /**
   * Runs a query or mutation, or executes one event of a subscription.
   * @param event the root of the execution; nothing for a query or mutation.
   */
  async execute(checked: CheckedOperation, context: GraphContext, event?: unknown): Promise<ExecutionResult> {
    const { kind, operation, variables } = checked;
    const plan = kind === 'subscription' ? this.#plans.find(operation.document, operation.node) : checked.plan;
    context.notes.compiled = plan !== undefined;
    return plan === undefined
      ? execute({ ...this.#argumentsOf(checked, context), rootValue: event })
      : plan.run(event, context, variables);
  }

  /** Opens the events of a subscription. @returns the errors of its resolver, not formatted, when that refuses. */
  subscribe(checked: CheckedOperation, context: GraphContext): Promise<AsyncIterable<unknown> | ExecutionResult> {
    return createSourceEventStream(this.#argumentsOf(checked, context));
  }

  /** The part of a result that clients may see. */
  format({ errors, data, extensions }: ExecutionResult): FormattedExecutionResult {
    return {
      ...(errors && { errors: formatErrors(errors, this.#log) }),
      ...(data !== undefined && { data }),
      ...(extensions && { extensions }),
    };
  }

  /**
   * The `extensions` of an answer: its cost and the calls that it took when asked for, and always its age when a part of it is older
   * than the cache allows because Waldur could not be reached.
   * @param rows as estimated; undefined when the operation was refused before that.
   * @returns undefined when there are none.
   */
  extensions(
    context: GraphContext,
    explain: ReadonlySet<Explanation>,
    rows: number | undefined,
  ): Record<string, unknown> | undefined {
    const { stats } = context.upstream;
    if (!stats.stale && explain.size === 0) return undefined;
    const { calls: made, saved } = stats;
    return {
      ...(explain.has('cost') && rows !== undefined && { cost: { rows, allowed: this.#limits.rows } }),
      ...(stats.stale && { stale: { ageMs: Math.max(0, context.now() - stats.oldestAt) } }),
      ...(explain.has('calls') && { calls: { made, saved, decisions: context.decisions() } }),
    };
  }

  #coerce({ node }: ValidOperation, given: Readonly<Record<string, unknown>>) {
    const { coerced, errors } = getVariableValues(this.schema, node.variableDefinitions ?? [], given, {
      maxErrors: MOST_VARIABLE_ERRORS,
    });
    return coerced ?? errors.map((error) => withCode(error, 'BAD_USER_INPUT'));
  }

  #argumentsOf({ operation, given }: CheckedOperation, contextValue: GraphContext): ExecutionArgs {
    const { document, node } = operation;
    return {
      schema: this.schema,
      document,
      operationName: node.name?.value ?? null,
      variableValues: given,
      contextValue,
    };
  }
}

const NO_VARIABLES: Readonly<Record<string, unknown>> = Object.freeze({});
