import type { IncomingHttpHeaders } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';
import { BoundedStore } from '../cache/memory.ts';
import type { GraphContext } from '../graph/context.ts';
import type { GraphServer } from './apollo.ts';
import type { Validated } from './documents.ts';
import { answerRequest, negotiateContentType, readExplain, readRequest, statusOf } from './graphql-over-http.ts';
import type { OperationPipeline, OperationRequest } from './pipeline.ts';
import type { ResponseCache, SentAnswer } from './response-cache.ts';

/** A request of the GraphQL-over-HTTP protocol, as it was received. */
export interface GraphRequest {
  readonly method: GraphMethod;
  readonly headers: IncomingHttpHeaders;
  /** The path with its query. */
  readonly url: string;
  /** The body of a POST, parsed. */
  readonly body: { readonly json: unknown } | undefined;
  /** The text that identifies the request in caches: see `again`. */
  readonly text: string;
}

/** The methods that carry operations. The answer to HEAD is that of GET without its body. */
export type GraphMethod = 'GET' | 'POST';

/** The answer to a request. */
export interface GraphAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Codes of the errors in the body. */
  readonly codes: readonly string[];
}

export interface GraphFront {
  /**
   * Finds a recent answer to the same request: one that the same caller got, or that any caller got to a query of the schema.
   * @param text the body of a POST, the URL of a GET; with trusted documents, `TrustedDocuments.keyOf` of it.
   */
  again(method: GraphMethod, headers: IncomingHttpHeaders, text: string, callerKey: string): SentAnswer | undefined;
  /**
   * Runs a request. Never throws for what a client sent.
   * @param reply is called once with the answer, before this resolves.
   */
  execute(request: GraphRequest, context: GraphContext, reply: (answer: GraphAnswer) => void): Promise<void>;
}

export interface GraphFrontOptions {
  readonly pipeline: OperationPipeline;
  readonly apollo: GraphServer;
  /** Undefined: answers are not cached. */
  readonly responses: ResponseCache | undefined;
}

const utf8 = new TextEncoder();
/** Bounds of cached answers about the schema: tools send a few different queries, an attacker any number. */
const KEPT_INTROSPECTIONS = { entries: 100, characters: 4_000_000 };

/**
 * The way of HTTP requests to the pipeline. A plain POST of a known document goes directly to the pipeline. Every other request goes
 * through Apollo Server, which implements the protocol and calls the same pipeline.
 */
export function createGraphFront({ pipeline, apollo, responses }: GraphFrontOptions): GraphFront {
  // These answers are the same for every caller until the process ends.
  const introspections = new BoundedStore<SentAnswer & { readonly characters: number }>({
    entries: KEPT_INTROSPECTIONS.entries,
    weight: { most: KEPT_INTROSPECTIONS.characters, of: ({ characters }) => characters },
  });

  const keepIntrospection = (
    { method, headers, text }: GraphRequest,
    context: GraphContext,
    answer: GraphAnswer,
  ): void => {
    const contentType = answer.headers['content-type'];
    const isWhole = answer.status === 200 && answer.codes.length === 0 && headers['x-explain'] === undefined;
    if (context.notes.introspective !== true || !isWhole || contentType === undefined) return;
    const key = requestKey(method, headers, text);
    const characters = key.length + answer.body.length;
    introspections.set(key, { body: answer.body, contentType, characters });
  };

  const throughApollo = async (request: GraphRequest, context: GraphContext): Promise<GraphAnswer> => {
    const { method, headers, url, body } = request;
    const entries = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const search = url.includes('?') ? url.slice(url.indexOf('?')) : '';
    const sent = await apollo.execute({ method, headers: entries, search, body: body?.json }, context);
    // The HTTP layer decides whether others may cache an answer.
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
    // In the order and with the line break of Apollo.
    let body: string | Uint8Array = `${JSON.stringify({ errors, data, extensions })}\n`;
    const { kind } = context.notes;
    const { stats } = context.upstream;
    const isWhole = errors === undefined && extensions === undefined;
    if (responses !== undefined && generation !== undefined && isWhole && kind === 'query' && stats.repeatable) {
      body = utf8.encode(body);
      const sent = { body, contentType, operation: context.notes.name };
      responses.keep(key, requestKey('POST', headers, text), sent, generation, stats);
    }
    const codes = errors?.map(codeOf) ?? NO_CODES;
    return { status: statusOf(result, headers.accept), headers: { 'content-type': contentType }, body, codes };
  };

  /** @returns undefined for an unknown document, and for everything that is not a plain POST. */
  const findKnown = ({ method, headers, body, text }: GraphRequest): KnownRequest | undefined => {
    if (method !== 'POST' || body === undefined) return undefined;
    const read = readRequest(body.json);
    if (!read.ok) return undefined;
    const validated = pipeline.documents.known(read.request.query);
    const contentType = validated && negotiateContentType(headers.accept);
    if (validated === undefined || contentType === undefined) return undefined;
    return { request: read.request, validated, contentType, text };
  };

  return {
    again(method, headers, text, callerKey) {
      if (headers['x-explain'] !== undefined) return undefined;
      // Apollo refuses some content types of a GET.
      if (method === 'GET' && headers['content-type'] !== undefined) return undefined;
      const key = requestKey(method, headers, text);
      return responses?.find(callerKey, key) ?? introspections.get(key);
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

/** A plain POST of a known document. */
interface KnownRequest {
  readonly request: OperationRequest;
  readonly validated: Validated;
  readonly contentType: string;
  /** As in the request. */
  readonly text: string;
}

const NO_CODES: readonly string[] = [];

const codeOf = ({ extensions }: GraphQLFormattedError): string => String(extensions?.code);

/** Codes of the errors in an answer. Errors come first in the body, so bodies without errors are not parsed. */
function codesIn(body: string): readonly string[] {
  if (!body.startsWith('{"errors":')) return NO_CODES;
  const { errors }: { errors: readonly GraphQLFormattedError[] } = JSON.parse(body);
  return errors.map(codeOf);
}

/**
 * The key of a request: everything that its answer depends on, except the caller. It cannot be forged by its parts: the method has no
 * space, a header has no line break, and the text comes last. Without the method, a body that equals a URL would get the answer to it.
 */
const requestKey = (method: GraphMethod, { accept = '' }: IncomingHttpHeaders, text: string): string =>
  `${method} ${accept}\n${text}`;

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join() : header;
