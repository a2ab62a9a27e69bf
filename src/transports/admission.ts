import type { IncomingHttpHeaders } from 'node:http';
import type { GraphMethod } from '../operations/handler.ts';
import type { HttpError } from '../server/http-error.ts';

/**
 * Whether a request to /graphql may run, judged before its body is read. Some requests a browser sends for any page without a preflight
 * (GET by navigation, image or script; POST of a form), from inside the user's network: those never run.
 */
export function admit(method: GraphMethod, headers: IncomingHttpHeaders): HttpError | undefined {
  switch (method) {
    case 'POST':
      return isJson(headers['content-type']) ? undefined : UNSUPPORTED_MEDIA_TYPE;
    default:
      return mayRunByGet(headers) ? undefined : POSSIBLE_FORGERY;
  }
}

/** The same for requests to /graphql/stream, whose answers are server-sent events. */
export function admitStream(method: GraphMethod, headers: IncomingHttpHeaders): HttpError | undefined {
  switch (method) {
    case 'POST':
      if (!isJson(headers['content-type'])) return UNSUPPORTED_MEDIA_TYPE;
      break;
    default:
      if (!mayStreamByGet(headers)) return POSSIBLE_STREAM_FORGERY;
      break;
  }
  return takesEvents(headers.accept ?? '*/*') ? undefined : NOT_ACCEPTABLE;
}

const UNSUPPORTED_MEDIA_TYPE: HttpError = {
  status: 415,
  code: 'BAD_REQUEST',
  message: 'Send the request as JSON in UTF-8, with the header Content-Type: application/json.',
};

const POSSIBLE_FORGERY: HttpError = {
  status: 400,
  code: 'BAD_REQUEST',
  message:
    'This GET could have been sent by any web page. Name a JSON media type in Accept, or add the header Apollo-Require-Preflight: true.',
};

const POSSIBLE_STREAM_FORGERY: HttpError = {
  status: 400,
  code: 'BAD_REQUEST',
  message:
    'This GET could have been sent by any web page. Name text/event-stream in Accept, as EventSource does, or add the header Apollo-Require-Preflight: true.',
};

const NOT_ACCEPTABLE: HttpError = {
  status: 406,
  code: 'BAD_REQUEST',
  message: 'Answers here are server-sent events: send the header Accept: text/event-stream.',
};

function isJson(contentType: string | undefined): boolean {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => /^\s*charset="?([\w-]+)"?\s*$/.exec(parameter)?.[1]).find(Boolean);
  return type.trim() === 'application/json' && (charset === undefined || charset === 'utf-8' || charset === 'utf8');
}

/**
 * Headers that a page of another origin cannot send without permission. Not Authorization: a browser adds that by itself once a
 * user has signed in by HTTP's own means.
 */
const PREFLIGHT_HEADERS = ['apollo-require-preflight', 'x-apollo-operation-name'];
const JSON_TYPES = /\b(?:application\/json|application\/graphql-response\+json)\b/;

const hasPreflightHeader = (headers: IncomingHttpHeaders): boolean =>
  PREFLIGHT_HEADERS.some((name) => headers[name] !== undefined && headers[name] !== '');

const takesEvents = (accept: string): boolean =>
  /(?:\btext\/event-stream\b|\btext\/\*|\*\/\*)/.test(accept.toLowerCase());

/** EventSource always asks in the mode `cors`, of its own origin too; programs send no mode. */
function mayStreamByGet(headers: IncomingHttpHeaders): boolean {
  if (hasPreflightHeader(headers)) return true;
  const mode = headers['sec-fetch-mode'] ?? 'cors';
  return mode === 'cors' && /\btext\/event-stream\b/.test((headers.accept ?? '').toLowerCase());
}

function mayRunByGet(headers: IncomingHttpHeaders): boolean {
  if (hasPreflightHeader(headers)) return true;
  const accept = (headers.accept ?? '*/*').trim().toLowerCase();
  if (JSON_TYPES.test(accept)) return true;
  if (accept !== '*/*') return false;
  const fetchMetadata = Object.keys(headers).some((name) => name.startsWith('sec-fetch-'));
  return !fetchMetadata || headers['sec-fetch-mode'] === 'cors';
}
