import type { SocketRequest } from '../../operations/stream-execution.ts';
import { BAD_JSON, decode, parseBody } from '../../server/body.ts';
import type { HttpError } from '../../server/http-error.ts';

type Read = { readonly operation: SocketRequest } | { readonly refusal: HttpError };

/** The operation of a request to /graphql/stream, read by the rules of GraphQL over HTTP. @param body of a POST. */
export function readStreamRequest(url: string, body: Buffer | undefined): Read {
  if (body === undefined) return readSearch(new URL(url, 'http://localhost').searchParams);
  const text = decode(body);
  if (text === undefined) return { refusal: BAD_JSON };
  const parsed = parseBody(text);
  if ('refusal' in parsed) return parsed;
  return isObject(parsed.json) ? readFields(parsed.json) : httpErrorResponse('The body must be a JSON object.');
}

function readSearch(search: URLSearchParams): Read {
  const fields: Record<string, unknown> = {};
  for (const name of ['query', 'operationName']) fields[name] = search.get(name);
  for (const name of ['variables', 'extensions']) {
    const given = search.get(name);
    try {
      fields[name] = given === null ? null : JSON.parse(given);
    } catch {
      return httpErrorResponse(`The parameter ${name} of the URL is not JSON.`);
    }
  }
  return readFields(fields);
}

function readFields({
  query,
  operationName = null,
  variables = null,
  extensions = null,
}: Record<string, unknown>): Read {
  if (variables !== null && !isObject(variables)) return httpErrorResponse('variables must be an object.');
  if (extensions !== null && !isObject(extensions)) return httpErrorResponse('extensions must be an object.');
  if (extensions?.persistedQuery !== undefined) return { refusal: PERSISTED };
  if (typeof query !== 'string' || query === '') return httpErrorResponse('query must be the text of a document.');
  if (operationName !== null && typeof operationName !== 'string')
    return httpErrorResponse('operationName must be a text.');
  return { operation: { query, operationName, variables } };
}

const PERSISTED: HttpError = {
  status: 400,
  code: 'PERSISTED_QUERY_NOT_SUPPORTED',
  message: 'Persisted queries are not offered. Send the whole document.',
};

const httpErrorResponse = (message: string): Read => ({ refusal: { status: 400, code: 'BAD_REQUEST', message } });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
