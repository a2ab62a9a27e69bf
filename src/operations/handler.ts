import type { IncomingHttpHeaders } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';
import { BoundedStore } from '../cache/memory.ts';
import type { GraphContext } from '../graph/context.ts';
import type { GraphServer, HttpResult } from './apollo.ts';
import type { PreparedOperations, PreparedRequest } from './compiled-operations.ts';
import { readExplain } from './extensions.ts';
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
  readonly body: string;
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
  readonly pipeline: GraphServer;
  readonly lane: PreparedOperations;
  /** None: no answer serves twice. */
  readonly repeats: ResponseCache | undefined;
}

/** Values of Accept seen most recently; longer ones are nobody's habit. */
const KEPT_ACCEPTS = 100;
const LONGEST_ACCEPT = 300;
/** Answers about the schema: tools ask a few different questions, an attacker any number. */
const KEPT_INTROSPECTIONS = { entries: 100, characters: 4_000_000 };

/** What stands in front of the pipeline: what was answered a moment ago, then the lane. */
export function createGraphFront({ pipeline, lane, repeats }: GraphFrontOptions): GraphFront {
  // What the pipeline made of a value of Accept; negotiating is its business, and the lane's answers carry the same.
  const contentTypes = new BoundedStore<string>(KEPT_ACCEPTS);

  // Of answers that are the same for every caller until the process ends.
  const introspections = new BoundedStore<SentAnswer & { readonly characters: number }>({
    entries: KEPT_INTROSPECTIONS.entries,
    weight: { most: KEPT_INTROSPECTIONS.characters, of: ({ characters }) => characters },
  });

  const throughPipeline = async (request: GraphRequest, context: GraphContext): Promise<GraphAnswer> => {
    const { method, headers, url, body } = request;
    const entries = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const search = url.includes('?') ? url.slice(url.indexOf('?')) : '';
    const result = await pipeline.execute({ method, headers: entries, search, body: body?.json }, context);
    const { accept = '' } = headers;
    const sent = Object.fromEntries([...result.headers].filter(([name]) => name !== 'cache-control'));
    const contentType = sent['content-type'];
    if (result.status === 200 && contentType !== undefined && accept.length <= LONGEST_ACCEPT) {
      contentTypes.set(accept, contentType);
    }
    const codes = codesIn(result);
    const mayServeAll = context.notes.introspective === true && headers['x-explain'] === undefined;
    if (mayServeAll && codes.length === 0 && result.status === 200 && contentType !== undefined) {
      const identity = identityOf(headers, body?.text ?? url);
      const characters = identity.length + result.body.length;
      introspections.set(identity, { body: result.body, contentType, characters });
    }
    return { status: result.status, headers: sent, body: result.body, codes };
  };

  /** @returns undefined when it is the pipeline's. */
  const throughLane = (
    { method, headers, body }: GraphRequest,
    context: GraphContext,
    reply: (answer: GraphAnswer) => void,
  ): Promise<void> | undefined => {
    const contentType = contentTypes.get(headers.accept ?? '');
    const operation = method === 'POST' && body !== undefined ? readOperation(body.json) : undefined;
    if (operation === undefined || contentType === undefined || body === undefined) return undefined;
    const { key } = context.caller;
    const generation = repeats?.generation(key);
    return lane.run(operation, context, readExplain(single(headers['x-explain'])), (answer) => {
      if (repeats !== undefined && generation !== undefined && answer.repeatable) {
        const sent = { body: answer.body, contentType };
        repeats.keep(key, identityOf(headers, body.text), sent, generation, context.upstream.stats);
      }
      reply({ status: 200, headers: { 'content-type': contentType }, body: answer.body, codes: answer.codes });
    });
  };

  return {
    again(headers, text, callerKey) {
      if (headers['x-explain'] !== undefined) return undefined;
      const identity = identityOf(headers, text);
      return repeats?.find(callerKey, identity) ?? introspections.get(identity);
    },
    execute(request, context, reply) {
      return throughLane(request, context, reply) ?? throughPipeline(request, context).then(reply);
    },
  };
}

/** Codes of the errors in an answer. Errors come first in it, so the others need not be read. */
function codesIn({ body }: HttpResult): string[] {
  if (!body.startsWith('{"errors":')) return [];
  const { errors }: { errors: readonly GraphQLFormattedError[] } = JSON.parse(body);
  return errors.map(({ extensions }) => String(extensions?.code));
}

/** Everything of a request that its answer depends on, the caller apart. No value of a header holds a line break. */
const identityOf = ({ accept = '' }: IncomingHttpHeaders, text: string): string => `${accept}\n${text}`;

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join() : header;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @returns undefined for a body that has anything out of the ordinary, of which the pipeline knows what to say. */
function readOperation(json: unknown): PreparedRequest | undefined {
  if (!isObject(json)) return undefined;
  const { query, operationName = null, variables = null, extensions = null } = json;
  if (typeof query !== 'string' || query === '') return undefined;
  if (operationName !== null && (typeof operationName !== 'string' || operationName === '')) return undefined;
  if (variables !== null && !isObject(variables)) return undefined;
  if (extensions !== null && (!isObject(extensions) || Object.hasOwn(extensions, 'persistedQuery'))) return undefined;
  return { query, operationName: operationName ?? undefined, variables: variables ?? undefined };
}
