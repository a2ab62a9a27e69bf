import type { IncomingHttpHeaders } from 'node:http';
import type { Refusal } from './refusal.ts';

/**
 * Whether a request to /graphql may run, judged before its body is read. A browser sends some requests from any page without asking
 * (GET by navigation, image or script; POST of a form), with the user's network position: those never run.
 */
export function admit(method: string, headers: IncomingHttpHeaders): Refusal | undefined {
  switch (method) {
    case 'POST':
      return isJson(headers['content-type']) ? undefined : UNSUPPORTED_MEDIA_TYPE;
    case 'GET':
      return mayRunByGet(headers) ? undefined : POSSIBLE_FORGERY;
    default:
      return METHOD_NOT_ALLOWED;
  }
}

const UNSUPPORTED_MEDIA_TYPE: Refusal = {
  status: 415,
  code: 'BAD_REQUEST',
  message: 'Send the request as JSON in UTF-8, with the header Content-Type: application/json.',
};

const POSSIBLE_FORGERY: Refusal = {
  status: 400,
  code: 'BAD_REQUEST',
  message:
    'This GET could have been sent by any web page. Name a JSON media type in Accept, or add the header Apollo-Require-Preflight: true.',
};

const METHOD_NOT_ALLOWED: Refusal = {
  status: 405,
  code: 'BAD_REQUEST',
  message: 'Send queries by GET or POST, mutations by POST.',
  headers: { allow: 'GET, POST' },
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

function mayRunByGet(headers: IncomingHttpHeaders): boolean {
  if (PREFLIGHT_HEADERS.some((name) => headers[name] !== undefined && headers[name] !== '')) return true;
  const accept = (headers.accept ?? '*/*').trim().toLowerCase();
  if (JSON_TYPES.test(accept)) return true;
  if (accept !== '*/*') return false;
  const fetchMetadata = Object.keys(headers).some((name) => name.startsWith('sec-fetch-'));
  return !fetchMetadata || headers['sec-fetch-mode'] === 'cors';
}
