import { type ReadRequest, readRequest } from '../../operations/graphql-over-http.ts';
import type { OperationRequest } from '../../operations/pipeline.ts';
import type { TrustedDocuments } from '../../operations/trusted-documents.ts';
import { BAD_JSON, decode, parseBody } from '../../server/body.ts';
import type { HttpError } from '../../server/http-error.ts';

type Read =
  | { readonly operation: OperationRequest }
  /** `limit`: under which the refusal is counted. */
  | { readonly refusal: HttpError; readonly limit?: string | undefined };

/** Reads the operation of a request to /graphql/stream, by the rules of GraphQL over HTTP. @param body of a POST. */
export function readStreamRequest(url: string, body: Buffer | undefined, trusted?: TrustedDocuments): Read {
  if (body === undefined) return readSearch(new URL(url, 'http://localhost').searchParams, trusted);
  const text = decode(body);
  if (text === undefined) return { refusal: BAD_JSON };
  const parsed = parseBody(text);
  return 'refusal' in parsed ? parsed : resultOf(readRequest(parsed.json, trusted));
}

function readSearch(search: URLSearchParams, trusted: TrustedDocuments | undefined): Read {
  const members: Record<string, unknown> = {};
  for (const name of ['query', 'documentId', 'operationName']) members[name] = search.get(name);
  for (const name of ['variables', 'extensions']) {
    const given = search.get(name);
    try {
      members[name] = given === null ? null : JSON.parse(given);
    } catch {
      return refused('BAD_REQUEST', `The URL parameter ${name} must be JSON.`);
    }
  }
  return resultOf(readRequest(members, trusted));
}

const resultOf = (read: ReadRequest): Read =>
  read.ok ? { operation: read.request } : refused(read.code, read.message, read.limit);

const refused = (code: HttpError['code'], message: string, limit?: string): Read => ({
  refusal: { status: 400, code, message },
  limit,
});
