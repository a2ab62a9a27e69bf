import type { IncomingHttpHeaders } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';
import { BoundedStore } from '../cache/memory.ts';
import type { GraphContext } from '../graph/context.ts';
import type { GraphServer } from './apollo.ts';
import type { Validated } from './documents.ts';
import { answerRequest, negotiateContentType, readExplain, readRequest, statusOf } from './graphql-over-http.ts';
import type { OperationPipeline, OperationRequest } from './pipeline.ts';
import type { ResponseCache, SentAnswer } from './response-cache.ts';

/** A request of the GraphQL-over-HTTP protocol as it came. */
export interface GraphRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The path with its query. */
  readonly url: string;
  /** Of a POST, as text and parsed. */
  readonly body: { readonly text: string; readonly json: unknown } | undefined;
}

/** What a request is answered with. */
export interface GraphAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Of the errors in the body. */
  readonly codes: readonly string[];
}

export interface GraphFront {
  /**
   * The answer to the same request, if it may serve again: of the same caller a moment ago, or of anybody to a question about the schema.
   * @param text the body of a POST, the URL of a GET.
   */
  again(headers: IncomingHttpHeaders, text: string, callerKey: string): SentAnswer | undefined;
  /**
   * Runs a request. Never throws for what a client sent.
   * @param reply is given the answer, once, before this resolves.
   */
  execute(request: GraphRequest, context: GraphContext, reply: (answer: GraphAnswer) => void): Promise<void>;
}

export interface GraphFrontOptions {
  readonly pipeline: OperationPipeline;
  readonly apollo: GraphServer;
  /** None: no answer serves twice. */
  readonly responses: ResponseCache | undefined;
}

const utf8 = new TextEncoder();
/** Answers about the schema: tools ask a few different questions, an attacker any number. */
const KEPT_INTROSPECTIONS = { entries: 100, characters: 4_000_000 };

/**
 * HTTP's entrance to the pipeline. A plain POST of a document that was validated before goes straight through it; every other request
 * goes through Apollo Server, which knows the protocol and calls the same pipeline.
 */
export function createGraphFront({ pipeline, apollo, responses }: GraphFrontOptions): GraphFront {
  // Of answers that are the same for every caller until the process ends.
  const introspections = new BoundedStore<SentAnswer & { readonly characters: number }>({
    entries: KEPT_INTROSPECTIONS.entries,
    weight: { most: KEPT_INTROSPECTIONS.characters, of: ({ characters }) => characters },
  });

  const keepIntrospection = (
    { headers, url, body }: GraphRequest,
    context: GraphContext,
    answer: GraphAnswer,
  ): void => {
    const contentType = answer.headers['content-type'];
    const isWhole = answer.status === 200 && answer.codes.length === 0 && headers['x-explain'] === undefined;
    if (context.notes.introspective !== true || !isWhole || contentType === undefined) return;
    const identity = identityOf(headers, body?.text ?? url);
    const characters = identity.length + answer.body.length;
    introspections.set(identity, { body: answer.body, contentType, characters });
  };

  const throughApollo = async (request: GraphRequest, context: GraphContext): Promise<GraphAnswer> => {
    const { method, headers, url, body } = request;
    const entries = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const search = url.includes('?') ? url.slice(url.indexOf('?')) : '';
    const sent = await apollo.execute({ method, headers: entries, search, body: body?.json }, context);
    // Whether an answer may be cached by others is the HTTP layer's decision.
    const answered = Object.fromEntries([...sent.headers].filter(([name]) => name !== 'cache-control'));
    return { status: sent.status, headers: answered, body: sent.body, codes: codesIn(sent.body) };
  };

  const throughPipeline = async (
    { request, validated, contentType, text }: KnownRequest,
    headers: IncomingHttpHeaders,
    context: GraphContext,
  ): Promise<GraphAnswer> => {
    const { key } = context.caller;
    const generation = responses?.generation(key);
    const explain = readExplain(single(headers['x-explain']));
    const result = await answerRequest(pipeline, request, context, explain, validated);
    const { errors, data, extensions } = result;
    // The order and the line break are Apollo's.
    let body: string | Uint8Array = `${JSON.stringify({ errors, data, extensions })}\n`;
    const { kind } = context.notes;
    const { stats } = context.upstream;
    const isWhole = errors === undefined && extensions === undefined;
    if (responses !== undefined && generation !== undefined && isWhole && kind === 'query' && stats.repeatable) {
      body = utf8.encode(body);
      responses.keep(key, identityOf(headers, text), { body, contentType }, generation, stats);
    }
    const codes = errors?.map(codeOf) ?? NO_CODES;
    return { status: statusOf(result, headers.accept), headers: { 'content-type': contentType }, body, codes };
  };

  /** @returns undefined for a document that was not validated before, and for everything that is not a plain POST. */
  const findKnown = ({ method, headers, body }: GraphRequest): KnownRequest | undefined => {
    if (method !== 'POST' || body === undefined) return undefined;
    const read = readRequest(body.json);
    if (!read.ok) return undefined;
    const validated = pipeline.documents.known(read.request.query);
    const contentType = validated && negotiateContentType(headers.accept);
    if (validated === undefined || contentType === undefined) return undefined;
    return { request: read.request, validated, contentType, text: body.text };
  };

  return {
    again(headers, text, callerKey) {
      if (headers['x-explain'] !== undefined) return undefined;
      const identity = identityOf(headers, text);
      return responses?.find(callerKey, identity) ?? introspections.get(identity);
    },
    async execute(request, context, reply) {
      const known = findKnown(request);
      const answer =
        known === undefined
          ? await throughApollo(request, context)
          : await throughPipeline(known, request.headers, context);
      keepIntrospection(request, context, answer);
      reply(answer);
    },
  };
}

/** A plain POST of a document that was validated before. */
interface KnownRequest {
  readonly request: OperationRequest;
  readonly validated: Validated;
  readonly contentType: string;
  /** Its body. */
  readonly text: string;
}

const NO_CODES: readonly string[] = [];

const codeOf = ({ extensions }: GraphQLFormattedError): string => String(extensions?.code);

/** Codes of the errors in an answer. Errors come first in it, so the others need not be read. */
function codesIn(body: string): readonly string[] {
  if (!body.startsWith('{"errors":')) return NO_CODES;
  const { errors }: { errors: readonly GraphQLFormattedError[] } = JSON.parse(body);
  return errors.map(codeOf);
}

/** Everything of a request that its answer depends on, the caller apart. No value of a header holds a line break. */
const identityOf = ({ accept = '' }: IncomingHttpHeaders, text: string): string => `${accept}\n${text}`;

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join() : header;
