import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
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

/** What plugins are given as their context. Apollo copies it property by property, so the context of the operation is inside. */
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
 * Apollo Server as the GraphQL-over-HTTP protocol: methods, malformed requests, content types. Documents and operations are the
 * pipeline's, as on every other transport. What Apollo would guess about the deployment is off: our own HTTP layer decides what is safe.
 */
export async function createGraphServer({ pipeline, log, plugins = [] }: GraphServerOptions): Promise<GraphServer> {
  const handover = new DocumentHandover();
  const apollo = new ApolloServer<ApolloContext>({
    schema: pipeline.schema,
    formatError: (_formatted, error) => formatError(error, log),
    includeStacktraceInErrorResponses: false,
    plugins: [
      // Reads the environment and reports to Apollo's service; nothing of a private cloud goes there.
      ApolloServerPluginUsageReportingDisabled(),
      // Answers a GET that would rather have HTML, query or not, with a page that loads scripts from the internet.
      ApolloServerPluginLandingPageDisabled(),
      // Would wrap the resolvers of the schema, which is everybody's. The HTTP layer sets the header itself.
      ApolloServerPluginCacheControlDisabled(),
      throughPipeline(pipeline, handover, log),
      ...plugins,
    ],
    persistedQueries: false,
    documentStore: handover,
    // The pipeline has validated every document.
    dangerouslyDisableValidation: true,
    // The rules of our own HTTP layer are stricter and also cover GET.
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
      if (response.body.kind !== 'complete') throw new Error('Incremental delivery is not offered.');
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
            // Apollo refuses a subscription by GET as if POST would take it.
            body.singleResult.errors = [formatError(located(SUBSCRIPTION_REFUSED), log)];
            http.headers.delete('allow');
            http.status = statusOf(body.singleResult, accept);
          }
        },
      };
    },
  };
}

/** What Apollo sees in the place of a document that was refused: nothing of it runs. */
const STAND_IN = parse('{ __typename }');

/**
 * Hands documents to Apollo, which looks for each by its hash before it would parse it. A document is given once for each request and
 * taken once, so nothing is kept.
 */
class DocumentHandover {
  readonly #given = new Map<string, { readonly document: DocumentNode; takers: number }>();

  /** @param hash as Apollo computes it, of the text. */
  give(hash: string, document: DocumentNode): void {
    const given = this.#given.get(hash);
    if (given === undefined) this.#given.set(hash, { document, takers: 1 });
    else given.takers += 1;
  }

  /** @param key the hash behind a prefix that stands for the schema. */
  async get(key: string): Promise<DocumentNode | undefined> {
    const hash = key.slice(key.lastIndexOf(':') + 1);
    const given = this.#given.get(hash);
    if (given === undefined) return undefined;
    given.takers -= 1;
    if (given.takers === 0) this.#given.delete(hash);
    return given.document;
  }

  async set(): Promise<void> {
    // Only what Apollo has parsed by itself would be kept here.
  }

  async delete(): Promise<boolean> {
    return false;
  }
}
