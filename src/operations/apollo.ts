import { ApolloServer, type ApolloServerPlugin, type GraphQLRequest, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type DocumentNode, GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import type { GraphContext } from '../graph/context.ts';
import { DocumentCache } from './document-cache.ts';
import { extensionsOf, readExplain } from './extensions.ts';
import { type ErrorLog, formatError } from './format-error.ts';
import { isIntrospective } from './introspection.ts';
import type { Limits } from './limits/limits.ts';
import { limitsPlugin } from './limits/plugin.ts';

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

/** Apollo Server's pipeline without the parts that guess about the deployment: what is safe is decided by our own HTTP layer. */
export async function createGraphServer(options: {
  schema: GraphQLSchema;
  introspection: boolean;
  limits: Limits;
  log: ErrorLog;
  /** Told of each operation that is about to run, nothing having been found against it. */
  onPassed: (
    text: string,
    operationName: string | undefined,
    document: DocumentNode,
    operation: OperationDefinitionNode,
  ) => void;
}): Promise<GraphServer> {
  const apollo = new ApolloServer<GraphContext>({
    schema: options.schema,
    introspection: options.introspection,
    formatError: (_formatted, error) => formatError(error, options.log),
    includeStacktraceInErrorResponses: false,
    // Reads the environment and reports to Apollo's service; nothing of a private cloud goes there.
    plugins: [
      ApolloServerPluginUsageReportingDisabled(),
      // Answers a GET that would rather have HTML, query or not, with a page that loads scripts from the internet.
      ApolloServerPluginLandingPageDisabled(),
      limitsPlugin({ limits: options.limits, explains: (request) => explained(request).has('cost') }),
      tellOfUpstream,
      refuseSubscriptions,
      statusOfRequestErrors,
      {
        async requestDidStart({ request }) {
          return {
            async executionDidStart({ source, document, operation, contextValue }) {
              // Typed as if it were always there; a name that no operation has is left for the execution to refuse.
              const named: OperationDefinitionNode | undefined = operation;
              if (named !== undefined) options.onPassed(source, request.operationName, document, named);
              contextValue.notes.introspective = named !== undefined && isIntrospective(document, named);
            },
          };
        },
      },
    ],
    persistedQueries: false,
    documentStore: createDocumentStore(),
    // The rules of our own HTTP layer are stricter and also cover GET.
    csrfPrevention: false,
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
  });
  await apollo.start();
  return {
    async execute({ method, headers, search, body }, context) {
      const response = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method, headers: new HeaderMap(headers), search, body },
        context: () => Promise.resolve(context),
      });
      if (response.body.kind !== 'complete') throw new Error('Incremental delivery is not offered.');
      return { status: response.status ?? 200, headers: response.headers, body: response.body.string };
    },
    stop: () => apollo.stop(),
  };
}

const explained = ({ http }: GraphQLRequest) => readExplain(http?.headers.get('x-explain'));

/** Adds what there is to tell of the calls to Waldur. */
const tellOfUpstream: ApolloServerPlugin<GraphContext> = {
  async requestDidStart({ request }) {
    return {
      async willSendResponse({ response, contextValue }) {
        if (response.body.kind !== 'single') return;
        const extensions = extensionsOf(contextValue, explained(request));
        if (extensions === undefined) return;
        const { singleResult } = response.body;
        singleResult.extensions = { ...singleResult.extensions, ...extensions };
      },
    };
  },
};

/**
 * Where Apollo keeps parsed documents. Its own store counts what they would take as JSON, a quarter of what they do take; and a parsed
 * text takes up to 80 times its length.
 */
function createDocumentStore() {
  const kept = new DocumentCache<DocumentNode>();
  return {
    get: async (key: string) => kept.get(key),
    set: async (key: string, document: DocumentNode) =>
      kept.set(key, document, document.loc?.source.body.length ?? Number.POSITIVE_INFINITY),
    delete: async (key: string) => kept.delete(key),
  };
}

const SUBSCRIPTION_REFUSED = {
  message:
    'Subscriptions do not run over plain HTTP. Open a WebSocket on the same address (subprotocol graphql-transport-ws), or use server-sent events on /graphql/stream.',
  extensions: { code: 'BAD_USER_INPUT' },
};

const refuseSubscriptions: ApolloServerPlugin<GraphContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }) {
        if (operation?.operation !== 'subscription') return;
        const { message, extensions } = SUBSCRIPTION_REFUSED;
        throw new GraphQLError(message, { extensions });
      },
      // One by GET is refused before plugins are asked, as if POST would take it.
      async willSendResponse({ operation, response: { body, http } }) {
        if (operation?.operation !== 'subscription' || http.status !== 405 || body.kind !== 'single') return;
        body.singleResult.errors = [SUBSCRIPTION_REFUSED];
        http.headers.delete('allow');
        http.status = 400;
      },
    };
  },
};

/**
 * A document that was refused before it ran is 400, but 200 for a client that names `application/json` and not
 * `application/graphql-response+json`: by the GraphQL-over-HTTP rules such a client cannot tell a 4xx of ours from a proxy's.
 * A request without a document is malformed, which is 400 for everybody.
 */
const statusOfRequestErrors: ApolloServerPlugin<GraphContext> = {
  async requestDidStart({ request }) {
    return {
      async willSendResponse({ response }) {
        if (response.body.kind !== 'single' || response.body.singleResult.data !== undefined) return;
        // A mutation by GET keeps its 405.
        if (response.http.status === 405) return;
        const accept = (request.http?.headers.get('accept') ?? '').toLowerCase();
        const legacy = accept.includes('application/json') && !accept.includes('application/graphql-response+json');
        const malformed = response.body.singleResult.errors?.some(
          ({ extensions }) => extensions?.code === 'BAD_REQUEST',
        );
        response.http.status = legacy && !malformed ? 200 : 400;
      },
    };
  },
};
