import { isErrorCode } from '../../../src/errors.ts';

export interface Reply {
  readonly status: number;
  /** Content-Type. */
  readonly type: string;
  /** Cache-Control. */
  readonly caching: string;
  readonly body: string;
}

/** Put into whatever a hostile upstream says; no client may ever read it in an error. */
export const CANARY = 'canary-4f1d0c55';

/** Traces of our own code, which no answer may show. */
const INTERNALS = /node_modules|node:internal|\/src\/\w+\/[\w-]+\.ts|\n\s+at \S+ \(/;

/** What is wrong with an answer over HTTP, whatever was asked; undefined: nothing. */
export function complaintOf({ status, type, caching, body }: Reply): string | undefined {
  const shown = `${status} ${type} ${body.slice(0, 500)}`;
  if (status >= 500 || status < 200) return `status: ${shown}`;
  if (type.startsWith('text/event-stream')) return complaintOfEvents(body);
  if (caching !== 'private, no-store') return `cache-control ${caching}: ${shown}`;
  if (!/^application\/(?:graphql-response\+)?json\b/.test(type)) return `content type: ${shown}`;
  const result = parsed(body);
  if (result === undefined) return `no JSON object: ${shown}`;
  return complaintOfResult(result);
}

/** Server-sent events: results under `next`, and nothing but `complete` beside them. */
function complaintOfEvents(body: string): string | undefined {
  for (const [, event, data = ''] of body.matchAll(/^event: (\w+)\ndata:(.*)$/gm)) {
    const result = parsed(data);
    const complaint = event === 'next' && result !== undefined ? complaintOfResult(result) : undefined;
    if (complaint !== undefined) return complaint;
    if (event === 'next' ? result === undefined : event !== 'complete')
      return `no event: ${event} ${data.slice(0, 200)}`;
  }
  return undefined;
}

/** What is wrong with a result of GraphQL: neither data nor errors, a code outside the list, something internal. */
export function complaintOfResult(result: Readonly<Record<string, unknown>>): string | undefined {
  const { data, errors } = result;
  if (data === undefined && errors === undefined) return `neither data nor errors: ${JSON.stringify(result)}`;
  if (errors === undefined) return undefined;
  return complaintOfErrors(errors);
}

export function complaintOfErrors(errors: unknown): string | undefined {
  const shown = JSON.stringify(errors).slice(0, 500);
  if (!Array.isArray(errors) || errors.length === 0) return `errors is no list: ${shown}`;
  for (const error of errors) {
    const code: unknown = error?.extensions?.code;
    if (!isErrorCode(code)) return `code outside the list: ${shown}`;
    if (code === 'INTERNAL_SERVER_ERROR') return `internal error: ${shown}`;
    const message: unknown = error.message;
    if (typeof message !== 'string' || message === '') return `no message: ${shown}`;
    if (INTERNALS.test(message)) return `shows internals: ${shown}`;
    if (message.includes(CANARY)) return `shows what the upstream said: ${shown}`;
  }
  return undefined;
}

/** The object that a text is in JSON; undefined when it is none. */
export function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
