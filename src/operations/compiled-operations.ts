import type { DocumentNode, ExecutionResult, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { GatewayError } from '../errors.ts';
import type { CompiledOperation, CompiledOperations } from '../executor/index.ts';
import type { GraphContext } from '../graph/context.ts';
import { DocumentCache } from './document-cache.ts';
import { type Explanation, extensionsOf } from './extensions.ts';
import { type ErrorLog, formatError } from './format-error.ts';
import type { Limits } from './limits/limits.ts';
import { checkCost, formulaOf } from './limits/operation.ts';
import { checkVariables } from './limits/variables.ts';

/** A request of the GraphQL-over-HTTP protocol whose shape has been checked. */
export interface PreparedRequest {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
}

export interface PreparedResponse {
  /** JSON, the same bytes as the pipeline's. */
  readonly body: string;
  /** Of the errors in it. */
  readonly codes: readonly string[];
  /** True when the same request of the same caller may be answered by the same bytes, as long as what was read may serve. */
  readonly repeatable: boolean;
}

/** A document that the pipeline passed without complaint. */
interface Passed {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

export interface PreparedOperationsOptions {
  readonly schema: GraphQLSchema;
  readonly plans: CompiledOperations<GraphContext>;
  readonly limits: Limits;
  readonly log: ErrorLog;
}

/**
 * A lane ahead of Apollo's pipeline. A document goes through the whole pipeline the first time: parsing, validation, limits, plugins.
 * One that is clean is compiled when it comes again, and from then on only what depends on the variables is judged anew. The lane
 * answers with the same bytes; what it does not take, or would refuse, goes through the pipeline, which says why.
 */
export class PreparedOperations {
  readonly #options: PreparedOperationsOptions;
  readonly #passed = new DocumentCache<Passed>();

  constructor(options: PreparedOperationsOptions) {
    this.#options = options;
  }

  /** Told of each operation that the pipeline is about to run. */
  passed(
    text: string,
    operationName: string | undefined,
    document: DocumentNode,
    operation: OperationDefinitionNode,
  ): void {
    if (operation.operation === 'subscription') return;
    const key = keyOf(text, operationName);
    if (this.#passed.get(key) !== undefined) return;
    this.#passed.set(key, { document, operation }, text.length);
    // So that the next time is the second.
    this.#options.plans.find(document, operation);
  }

  /**
   * Runs an operation.
   * @param reply is given the answer, once and before this resolves: in a promise it would be held for as long as the old objects that
   * waited for it, and those go only with a full collection.
   * @returns undefined when it is the pipeline's.
   */
  run(
    { query, operationName, variables = NO_VARIABLES }: PreparedRequest,
    context: GraphContext,
    explain: ReadonlySet<Explanation>,
    reply: (answer: PreparedResponse) => void,
  ): Promise<void> | undefined {
    const passed = this.#passed.get(keyOf(query, operationName));
    if (passed === undefined) return undefined;
    const { limits, plans } = this.#options;
    const plan = plans.find(passed.document, passed.operation);
    const judged = plan && this.#judge(passed, plan, variables);
    if (!plan || !judged) return undefined;
    const { notes } = context;
    const { rows } = judged;
    notes.kind = passed.operation.operation;
    notes.rows = rows;
    notes.compiled = true;
    return Promise.resolve(plan.run(undefined, context, judged.variables)).then((result) => {
      const told = extensionsOf(context, explain);
      const extensions = explain.has('cost') ? { cost: { rows, allowed: limits.rows }, ...told } : told;
      reply(this.#answer(result, extensions, context));
    });
  }

  #answer(
    { data, errors }: ExecutionResult,
    extensions: object | undefined,
    { notes, upstream }: GraphContext,
  ): PreparedResponse {
    const formatted = errors?.map((error) => formatError(error, this.#options.log));
    const isWhole = errors === undefined && extensions === undefined;
    return {
      body: `${JSON.stringify({ errors: formatted, data, extensions })}\n`,
      codes: formatted?.map(({ extensions: told }) => String(told?.code)) ?? NO_CODES,
      repeatable: isWhole && notes.kind === 'query' && upstream.stats.repeatable,
    };
  }

  /** @returns undefined for variables that the pipeline will refuse. */
  #judge(
    { document, operation }: Passed,
    plan: CompiledOperation<GraphContext>,
    given: Readonly<Record<string, unknown>>,
  ) {
    const { schema, limits } = this.#options;
    try {
      checkVariables(given, limits);
      const coerced = plan.coerce(given);
      if (coerced === undefined) return undefined;
      return { variables: coerced, rows: checkCost(formulaOf({ schema, document, operation }), coerced, limits) };
    } catch (error) {
      if (error instanceof GatewayError) return undefined;
      throw error;
    }
  }
}

const NO_CODES: readonly string[] = [];
const NO_VARIABLES: Readonly<Record<string, unknown>> = {};

/** By the exact text, never by a short hash of it: two documents must not be taken for each other. No document holds a NUL. */
const keyOf = (text: string, operationName: string | undefined): string =>
  operationName === undefined ? text : `${operationName}\0${text}`;
