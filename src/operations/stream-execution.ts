import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
  type OperationTypeNode,
} from 'graphql';
import { GatewayError } from '../errors.ts';
import type { CompiledOperations } from '../executor/index.ts';
import type { GraphContext } from '../graph/context.ts';
import { translateEnd } from '../graph/live-end-errors.ts';
import type { Judged } from './documents.ts';
import { extensionsOf, readExplain } from './extensions.ts';
import { type ErrorLog, formatError } from './format-error.ts';
import { type Limits, located } from './limits/limits.ts';
import { checkCost, formulaOf } from './limits/operation.ts';
import { checkVariables } from './limits/variables.ts';
import { Results } from './result-stream.ts';

/** One operation as a socket sends it. */
export interface SocketRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** An operation that may run. */
export interface Prepared extends ExecutionArgs {
  readonly contextValue: GraphContext;
  readonly operation: OperationDefinitionNode;
  /** Coerced; graphql-js coerces the raw ones itself. */
  readonly coerced: Readonly<Record<string, unknown>>;
  /** Equal for equal documents with equal variables: their readers share executions. */
  readonly group: string;
}

/** Operations over sockets and event streams: judged, run and masked as over HTTP. */
export interface StreamGraph {
  /**
   * @param contextFor makes the operation's context, or tells why it may not run; what is executed for a subscription may serve other
   * readers too.
   */
  prepare(
    request: SocketRequest,
    contextFor: (kind: `${OperationTypeNode}`) => GraphContext | GatewayError,
  ): Prepared | readonly GraphQLError[];
  run(operation: Prepared): Promise<Results<Prepared> | ExecutionResult>;
  format(result: ExecutionResult): FormattedExecutionResult;
  /** The formatted result as JSON: the very same text for all who share an execution. */
  print(result: ExecutionResult): string;
}

export interface StreamGraphOptions {
  readonly schema: GraphQLSchema;
  readonly plans: CompiledOperations<GraphContext>;
  readonly judge: (text: string) => Judged;
  readonly limits: Limits;
  readonly log: ErrorLog;
}

export function createStreamGraph({ schema, plans, judge, limits, log }: StreamGraphOptions): StreamGraph {
  // An event is the same object for every reader of its informer, so it can hold what was made of it.
  const executions = new WeakMap<object, Map<string, Promise<ExecutionResult>>>();
  const printed = new WeakMap<ExecutionResult, string>();

  const executeAs = async (
    prepared: Prepared,
    contextValue: GraphContext,
    rootValue?: unknown,
  ): Promise<ExecutionResult> => {
    const plan = plans.find(prepared.document, prepared.operation);
    contextValue.notes.compiled = plan !== undefined;
    return plan === undefined
      ? execute({ ...prepared, rootValue, contextValue })
      : plan.run(rootValue, contextValue, prepared.coerced);
  };

  const executeEvent = (operation: Prepared, event: unknown): Promise<ExecutionResult> => {
    const run = () => executeAs(operation, operation.contextValue.fresh(), event);
    if (typeof event !== 'object' || event === null) return run();
    const ofEvent = executions.get(event) ?? new Map<string, Promise<ExecutionResult>>();
    executions.set(event, ofEvent);
    const result = ofEvent.get(operation.group) ?? run();
    ofEvent.set(operation.group, result);
    return result;
  };

  const format = ({ errors, data, extensions }: ExecutionResult): FormattedExecutionResult => ({
    ...(errors && { errors: errors.map((error) => formatError(error, log)) }),
    ...(data !== undefined && { data }),
    ...(extensions && { extensions }),
  });

  const streaming = { execute: executeEvent, translate: translateEnd };

  return {
    prepare({ query, operationName, variables }, contextFor) {
      const judged = judge(query);
      if (!judged.ok) return judged.errors;
      const { document } = judged;
      const operation = getOperationAST(document, operationName);
      if (!operation) {
        const message = operationName
          ? `The document has no operation named ${JSON.stringify(operationName)}.`
          : 'The document has several operations; name one in operationName.';
        return [new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } })];
      }
      try {
        checkVariables(variables ?? {}, limits);
      } catch (error) {
        return [refusal(error)];
      }
      const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}, {
        maxErrors: 10,
      });
      if (coerced.errors) return coerced.errors.map(asBadInput);
      let rows: number;
      try {
        rows = checkCost(formulaOf({ schema, document, operation }), coerced.coerced, limits);
      } catch (error) {
        return [refusal(error)];
      }
      const contextValue = contextFor(operation.operation);
      if (contextValue instanceof GatewayError) return [located(contextValue)];
      contextValue.notes.kind = operation.operation;
      contextValue.notes.rows = rows;
      return {
        schema,
        document,
        operationName: operationName ?? null,
        variableValues: variables ?? null,
        contextValue,
        operation,
        coerced: coerced.coerced,
        group: groupOf(operation, variables),
      };
    },
    async run(operation) {
      if (operation.operation.operation !== 'subscription') {
        const result = await executeAs(operation, operation.contextValue);
        const extensions = extensionsOf(operation.contextValue, NOTHING_ASKED);
        return extensions === undefined ? result : { ...result, extensions };
      }
      const events = await createSourceEventStream(operation);
      if (!(Symbol.asyncIterator in events)) return events;
      return new Results(events, operation, streaming);
    },
    format,
    print(result) {
      const known = printed.get(result);
      if (known !== undefined) return known;
      const text = JSON.stringify(format(result));
      printed.set(result, text);
      return text;
    },
  };
}

const groups = new WeakMap<OperationDefinitionNode, string>();
let lastGroup = 0;

/** Operations of a document that is judged once are the same object, so a number stands for the text: thousands wait with it. */
function groupOf(operation: OperationDefinitionNode, variables: SocketRequest['variables']): string {
  let group = groups.get(operation);
  if (group === undefined) {
    group = String(++lastGroup);
    groups.set(operation, group);
  }
  return `${group} ${JSON.stringify(variables ?? null)}`;
}

/** Sockets have no headers for each operation to ask by. */
const NOTHING_ASKED = readExplain(undefined);

/** What a limit refused, as an error of the operation. @throws everything else. */
function refusal(error: unknown): GraphQLError {
  if (error instanceof GatewayError) return located(error);
  throw error;
}

const asBadInput = (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes && { nodes: error.nodes }),
    ...(error.originalError && { originalError: error.originalError }),
    extensions: { ...error.extensions, code: 'BAD_USER_INPUT' },
  });
