import type { ExecutionResult, FormattedExecutionResult } from 'graphql';
import { type ErrorCode, GatewayError } from '../errors.ts';
import type { GraphContext } from '../graph/context.ts';
import type { Validated } from './documents.ts';
import { limitOf, located } from './limits/limits.ts';
import { type Explanation, NO_EXPLANATION, type OperationPipeline, type OperationRequest } from './pipeline.ts';
import type { TrustedDocuments } from './trusted-documents.ts';

/** The rules of GraphQL over HTTP: how a request is read, which media type answers it, and with which status. */

export type ReadRequest =
  | { readonly ok: true; readonly request: OperationRequest }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      /** Under which the refusal is counted. */
      readonly limit?: string;
    };

/**
 * Reads the members of a request, those of a POST's body or of a GET's URL.
 * @param trusted replaces the hash of a document by the document. Absent: there are no trusted documents.
 */
export function readRequest(json: unknown, trusted?: TrustedDocuments): ReadRequest {
  if (!isObject(json)) return malformed('The request must be a JSON object.');
  const resolved = trusted?.resolve(json);
  return resolved?.ok === false ? resolved : readMembers(resolved?.members ?? json);
}

function readMembers(members: Readonly<Record<string, unknown>>): ReadRequest {
  const { query, operationName = null, variables = null, extensions = null } = members;
  if (variables !== null && !isObject(variables)) return malformed('variables must be an object.');
  if (extensions !== null && !isObject(extensions)) return malformed('extensions must be an object.');
  if (extensions !== null && Object.hasOwn(extensions, 'persistedQuery')) return PERSISTED;
  if (typeof query !== 'string' || query === '')
    return malformed('query must be a string that contains a GraphQL document.');
  if (operationName !== null && typeof operationName !== 'string') return malformed('operationName must be a string.');
  return { ok: true, request: { query, operationName, variables } };
}

const malformed = (message: string): ReadRequest => ({ ok: false, code: 'BAD_REQUEST', message });

const PERSISTED: ReadRequest = {
  ok: false,
  code: 'PERSISTED_QUERY_NOT_SUPPORTED',
  message: 'Persisted queries are not supported. Send the document in query.',
};

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads the header X-Explain; unknown words are ignored. */
export function readExplain(header: string | undefined): ReadonlySet<Explanation> {
  if (header === undefined) return NO_EXPLANATION;
  const asked = new Set<Explanation>();
  for (const word of header.toLowerCase().split(',')) {
    const one = word.trim();
    if (one === 'cost' || one === 'calls') asked.add(one);
  }
  return asked;
}

/** What answers may be, the one that is preferred among equals first. */
const ANSWERS = [
  { contentType: 'application/json; charset=utf-8', subtype: 'json', parameters: { charset: 'utf-8' } },
  {
    contentType: 'application/graphql-response+json; charset=utf-8',
    subtype: 'graphql-response+json',
    parameters: { charset: 'utf-8' },
  },
] as const;

/** A media range of an Accept header. */
interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** What it is worth to the client, from 0 to 1. */
  readonly quality: number;
}

/** How well a media range fits an answer: the more specific range decides (RFC 9110, section 12.5.1). */
interface Fit {
  readonly quality: number;
  readonly specificity: number;
  /** Place of the range in the header. */
  readonly place: number;
}

/**
 * The content type of an answer, as Apollo Server negotiates it.
 * @returns undefined when no answer is acceptable, and for headers that are not a plain list of media ranges. Apollo answers both.
 */
export function negotiateContentType(accept: string | undefined): string | undefined {
  if (accept === undefined || accept === '') return ANSWERS[0].contentType;
  const ranges = readAccept(accept);
  if (ranges === undefined) return undefined;
  let best: { readonly contentType: string; readonly fit: Fit } | undefined;
  for (const { contentType, subtype, parameters } of ANSWERS) {
    const fit = fitOf(subtype, parameters, ranges);
    if (fit !== undefined && fit.quality > 0 && (best === undefined || isBetter(fit, best.fit))) {
      best = { contentType, fit };
    }
  }
  return best?.contentType;
}

function fitOf(
  subtype: string,
  parameters: Readonly<Record<string, string>>,
  ranges: readonly MediaRange[],
): Fit | undefined {
  let found: Fit | undefined;
  for (const [place, range] of ranges.entries()) {
    if (range.type !== '*' && range.type !== 'application') continue;
    if (range.subtype !== '*' && range.subtype !== subtype) continue;
    const given = [...range.parameters];
    if (!given.every(([name, value]) => value === '*' || value === parameters[name])) continue;
    const specificity = (range.type === '*' ? 0 : 4) + (range.subtype === '*' ? 0 : 2) + (given.length === 0 ? 0 : 1);
    const { quality } = range;
    const isMoreSpecific =
      found === undefined ||
      specificity > found.specificity ||
      (specificity === found.specificity && quality >= found.quality);
    if (isMoreSpecific) found = { quality, specificity, place };
  }
  return found;
}

const isBetter = (a: Fit, b: Fit): boolean =>
  (a.quality - b.quality || a.specificity - b.specificity || b.place - a.place) > 0;

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const RANGE = new RegExp(`^(${TOKEN})/(${TOKEN})$`);
const PARAMETER = new RegExp(`^(${TOKEN})=(${TOKEN})$`);
const QUALITY = /^(?:0(?:\.\d{1,3})?|1(?:\.0{1,3})?)$/;

/** @returns undefined for a header that is not a plain list of media ranges. */
function readAccept(accept: string): MediaRange[] | undefined {
  const ranges: MediaRange[] = [];
  for (const item of accept.toLowerCase().split(',')) {
    const [range = '', ...rest] = item.split(';').map((part) => part.trim());
    const [, type, subtype] = RANGE.exec(range) ?? [];
    if (type === undefined || subtype === undefined) return undefined;
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const [, name, value] = PARAMETER.exec(parameter) ?? [];
      if (name === undefined || value === undefined || parameters.has(name)) return undefined;
      parameters.set(name, value);
    }
    const quality = parameters.get('q') ?? '1';
    if (!QUALITY.test(quality)) return undefined;
    parameters.delete('q');
    // Apollo has a media type of its own with parameters, for another protocol.
    if (parameters.has('callbackspec')) return undefined;
    ranges.push({ type, subtype, parameters, quality: Number(quality) });
  }
  return ranges;
}

/**
 * The status of an answer. A document that was refused before it ran is 400, but 200 for a client that names `application/json` and not
 * `application/graphql-response+json`: by the GraphQL-over-HTTP rules such a client cannot tell a 4xx of ours from a proxy's.
 * A request without a document is malformed, which is 400 for everybody.
 */
export function statusOf({ data, errors }: FormattedExecutionResult, accept = ''): 200 | 400 {
  if (data !== undefined) return 200;
  const names = accept.toLowerCase();
  const legacy = names.includes('application/json') && !names.includes('application/graphql-response+json');
  const isMalformed = errors?.some(({ extensions }) => extensions?.code === 'BAD_REQUEST') === true;
  return legacy && !isMalformed ? 200 : 400;
}

/** The refusal of a subscription, by POST and by GET. */
export const SUBSCRIPTION_REFUSED = new GatewayError(
  'BAD_USER_INPUT',
  'Subscriptions do not run over plain HTTP. Open a WebSocket on the same address (subprotocol graphql-transport-ws), or send the header Accept: text/event-stream for server-sent events.',
);

/**
 * Takes a request through the pipeline, from its text to the formatted answer.
 * @param context receives in its notes what the operation is and how it ran.
 * @param validated the document, when the caller has validated it already.
 */
export async function answerRequest(
  pipeline: OperationPipeline,
  request: OperationRequest,
  context: GraphContext,
  explain: ReadonlySet<Explanation>,
  validated?: Validated,
): Promise<FormattedExecutionResult> {
  const { notes } = context;
  const answer = (result: ExecutionResult, rows: number | undefined): FormattedExecutionResult => {
    const extensions = pipeline.extensions(context, explain, rows);
    return pipeline.format(extensions === undefined ? result : { ...result, extensions });
  };
  const checked = pipeline.check(request, validated);
  if (checked.kind !== undefined) notes.kind = checked.kind;
  if (!checked.ok) {
    const limit = checked.errors.map(limitOf).find((one) => one !== undefined);
    if (limit !== undefined) notes.limit = limit.limit;
    return answer({ errors: checked.errors }, limit?.limit === 'rows' ? limit.figure : undefined);
  }
  const { operation, kind, rows } = checked;
  if (kind === 'subscription') return answer({ errors: [located(SUBSCRIPTION_REFUSED)] }, rows);
  notes.name = operation.node.name?.value;
  notes.rows = rows;
  notes.introspective = operation.introspective;
  return answer(await pipeline.execute(checked, context), rows);
}
