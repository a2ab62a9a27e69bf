import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type DocumentNode, parse } from 'graphql';
import type { GraphContext } from '../graph/context.ts';
import type { Validated } from './documents.ts';
import { type ErrorLog, formatError } from './format-error.ts';
import { answerRequest, readExplain, SUBSCRIPTION_REFUSED, statusOf } from './graphql-over-http.ts';
import { located } from './limits/limits.ts';
import type { OperationPipeline } from './pipeline.ts';

export interface HttpOperation {
  readonly method: string;
  readonly headers: Iterable<readonly [string, string]>;
  /** With the question mark, or empty. */
  readonly search: string;
  /** Parsed JSON. */
  readonly body: unknown;
}

export interface HttpResult {
  readonly status: number;
  readonly headers: Iterable<[string, string]>;
  readonly body: string;
}

export interface GraphServer {
  /** Runs a request of the GraphQL-over-HTTP protocol. Never throws for what a client sent. */
  execute(operation: HttpOperation, context: GraphContext): Promise<HttpResult>;
  stop(): Promise<void>;
}

/** The context of plugins. Apollo copies it property by property, so it wraps the context of the operation. */
export interface ApolloContext {
  readonly operation: GraphContext;
}

export interface GraphServerOptions {
  readonly pipeline: OperationPipeline;
  readonly log: ErrorLog;
  /** Further plugins of Apollo Server. */
  readonly plugins?: readonly ApolloServerPlugin<ApolloContext>[];
}

/**
 * Apollo Server implements the GraphQL-over-HTTP protocol: methods, malformed requests, content types. The pipeline handles documents and
 * operations, as on every other transport. Features that depend on the deployment are off: the HTTP layer decides what is safe.
 */
export async function createGraphServer({ pipeline, log, plugins = [] }: GraphServerOptions): Promise<GraphServer> {
  const handover = new DocumentHandover();
  const apollo = new ApolloServer<ApolloContext>({
    schema: pipeline.schema,
    formatError: (_formatted, error) => formatError(error, log),
    includeStacktraceInErrorResponses: false,
    plugins: [
      // It would read the environment and send reports to Apollo's service.
      ApolloServerPluginUsageReportingDisabled(),
      // It would answer a GET that prefers HTML with a page that loads scripts from the internet.
      ApolloServerPluginLandingPageDisabled(),
      // It would switch itself on for a subgraph of Federation.
      ApolloServerPluginInlineTraceDisabled(),
      // It would wrap the resolvers of the shared schema. The HTTP layer sets the header itself.
      ApolloServerPluginCacheControlDisabled(),
      throughPipeline(pipeline, handover, log),
      ...plugins,
    ],
    persistedQueries: false,
    documentStore: handover,
    // The pipeline has validated every document.
    dangerouslyDisableValidation: true,
    // The rules of the HTTP layer are stricter and also cover GET.
    csrfPrevention: false,
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
  });
  await apollo.start();
  return {
    async execute({ method, headers, search, body }, operation) {
      const response = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method, headers: new HeaderMap(headers), search, body },
        context: () => Promise.resolve({ operation }),
      });
      if (response.body.kind !== 'complete') throw new Error('Incremental delivery is not supported.');
      return { status: response.status ?? 200, headers: response.headers, body: response.body.string };
    },
    stop: () => apollo.stop(),
  };
}

/**
 * Validates the document before Apollo would parse it, and answers the operation before Apollo would execute it: the hook for that is
 * `responseForOperation`. Between the two Apollo refuses mutations by GET.
 */
function throughPipeline(
  pipeline: OperationPipeline,
  handover: DocumentHandover,
  log: ErrorLog,
): ApolloServerPlugin<ApolloContext> {
  return {
    async requestDidStart() {
      let validated: Validated | undefined;
      return {
        async didResolveSource({ source, queryHash }) {
          validated = pipeline.documents.validate(source);
          handover.give(queryHash, validated.ok ? validated.document.node : STAND_IN);
        },
        async responseForOperation({ source, request, contextValue }) {
          const { operationName, variables, http } = request;
          const explain = readExplain(http?.headers.get('x-explain'));
          const operation = { query: source, operationName, variables };
          const singleResult = await answerRequest(pipeline, operation, contextValue.operation, explain, validated);
          return {
            http: { status: statusOf(singleResult, http?.headers.get('accept')), headers: new HeaderMap() },
            body: { kind: 'single', singleResult },
          };
        },
        async willSendResponse({ request, operation, response: { body, http } }) {
          if (body.kind !== 'single') return;
          const accept = request.http?.headers.get('accept');
          if (http.status !== 405) {
            http.status = statusOf(body.singleResult, accept);
          } else if (operation?.operation === 'subscription') {
            // Apollo would say that POST accepts the subscription.
            body.singleResult.errors = [formatError(located(SUBSCRIPTION_REFUSED), log)];
            http.headers.delete('allow');
            http.status = statusOf(body.singleResult, accept);
          }
        },
      };
    },
  };
}

/** Replaces a refused document. It is never executed. */
const STAND_IN = parse('{ __typename }');

/**
 * Passes parsed documents to Apollo, which looks up each document by its hash before it would parse it. A document is given once and taken
 * once for each request, so nothing is kept.
 */
class DocumentHandover {
  readonly #given = new Map<string, { document: DocumentNode; takers: number }>();

  /** @param hash of the document, computed by Apollo. */
  give(hash: string, document: DocumentNode): void {
    const given = this.#given.get(hash);
    if (given === undefined) {
      this.#given.set(hash, { document, takers: 1 });
      return;
    }
    given.takers += 1;
    // Apollo hashes UTF-8, in which a lone surrogate equals U+FFFD. A document with a lone surrogate is always refused, so it must not
    // stand in for the valid document of the same hash.
    if (document !== STAND_IN) given.document = document;
  }

  /** @param key the hash, after a prefix that identifies the schema. */
  async get(key: string): Promise<DocumentNode | undefined> {
    const hash = key.slice(key.lastIndexOf(':') + 1);
    const given = this.#given.get(hash);
    if (given === undefined) return undefined;
    given.takers -= 1;
    if (given.takers === 0) this.#given.delete(hash);
    return given.document;
  }

  async set(): Promise<void> {
    // Apollo would store documents here that it has parsed itself.
  }

  async delete(): Promise<boolean> {
    return false;
  }
}
