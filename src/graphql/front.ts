import type { IncomingHttpHeaders } from 'node:http';
import { BoundedStore } from '../cache/memory.ts';
import type { GraphServer, HttpResult } from './apollo.ts';
import type { GraphContext } from './context.ts';
import { readExplain } from './extensions.ts';
import type { Lane, LaneRequest } from './lane.ts';
import type { Repeats, SentAnswer } from './repeats.ts';

/** A request of the GraphQL-over-HTTP protocol as it came. */
export interface GraphRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The path with its query. */
  readonly url: string;
  /** Of a POST, as text and parsed. */
  readonly body: { readonly text: string; readonly json: unknown } | undefined;
}

export interface GraphFront {
  /** The answer to the same POST of the same caller a moment ago, if it may serve again. @param text the body. */
  again(headers: IncomingHttpHeaders, text: string, callerKey: string): SentAnswer | undefined;
  /** Runs a request. Never throws for what a client sent. */
  execute(request: GraphRequest, context: GraphContext): Promise<HttpResult>;
}

export interface GraphFrontOptions {
  readonly pipeline: GraphServer;
  readonly lane: Lane;
  /** None: no answer serves twice. */
  readonly repeats: Repeats | undefined;
}

/** Values of Accept seen most recently; longer ones are nobody's habit. */
const KEPT_ACCEPTS = 100;
const LONGEST_ACCEPT = 300;

/** What stands in front of the pipeline: what was answered a moment ago, then the lane. */
export function createGraphFront({ pipeline, lane, repeats }: GraphFrontOptions): GraphFront {
  // What the pipeline made of a value of Accept; negotiating is its business, and the lane's answers carry the same.
  const contentTypes = new BoundedStore<string>(KEPT_ACCEPTS);

  const throughPipeline = async (request: GraphRequest, context: GraphContext): Promise<HttpResult> => {
    const { method, headers, url, body } = request;
    const entries = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const search = url.includes('?') ? url.slice(url.indexOf('?')) : '';
    const result = await pipeline.execute({ method, headers: entries, search, body: body?.json }, context);
    const { accept = '' } = headers;
    const contentType = new Map(result.headers).get('content-type');
    if (result.status === 200 && contentType !== undefined && accept.length <= LONGEST_ACCEPT) {
      contentTypes.set(accept, contentType);
    }
    return result;
  };

  return {
    again(headers, text, callerKey) {
      if (repeats === undefined || headers['x-explain'] !== undefined) return undefined;
      return repeats.find(callerKey, identityOf(headers, text));
    },
    async execute(request, context) {
      const { method, headers, body } = request;
      const contentType = contentTypes.get(headers.accept ?? '');
      const operation = method === 'POST' && body !== undefined ? readOperation(body.json) : undefined;
      if (operation === undefined || contentType === undefined) return throughPipeline(request, context);
      const { key } = context.caller;
      const generation = repeats?.generation(key);
      const answer = await lane.run(operation, context, readExplain(single(headers['x-explain'])));
      if (answer === undefined) return throughPipeline(request, context);
      if (repeats !== undefined && generation !== undefined && answer.repeatable && body !== undefined) {
        const sent = { body: answer.body, contentType };
        repeats.keep(key, identityOf(headers, body.text), sent, generation, context.upstream.tally);
      }
      return { status: 200, headers: [['content-type', contentType]], body: answer.body };
    },
  };
}

/** Everything of a request that its answer depends on, the caller apart. No value of a header holds a line break. */
const identityOf = ({ accept = '' }: IncomingHttpHeaders, text: string): string => `${accept}\n${text}`;

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join() : header;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @returns undefined for a body that has anything out of the ordinary, of which the pipeline knows what to say. */
function readOperation(json: unknown): LaneRequest | undefined {
  if (!isObject(json)) return undefined;
  const { query, operationName = null, variables = null, extensions = null } = json;
  if (typeof query !== 'string' || query === '') return undefined;
  if (operationName !== null && (typeof operationName !== 'string' || operationName === '')) return undefined;
  if (variables !== null && !isObject(variables)) return undefined;
  if (extensions !== null && (!isObject(extensions) || Object.hasOwn(extensions, 'persistedQuery'))) return undefined;
  return { query, operationName: operationName ?? undefined, variables: variables ?? undefined };
}
