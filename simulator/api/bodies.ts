import type { Json } from '../model.ts';
import { type ParsedBody, refused, ServerFault } from './exchange.ts';
import { readQuery } from './query.ts';

/** Bodies of writes: JSON, a form, or a multipart form (contract 2). */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Python's parser fails for deeper nesting, with status 500. */
const MAX_DEPTH = 990;

export function readBody(body: Buffer, contentType: string | undefined): ParsedBody {
  const type = contentType ?? '';
  const media = type.split(';')[0]?.trim().toLowerCase() ?? '';
  // Without a body and without a type there is nothing to parse.
  if (body.length === 0 && contentType === undefined) return { data: {}, form: false };
  switch (media) {
    case 'application/json':
      return { data: body.length === 0 ? {} : parseJson(body), form: false };
    case 'application/x-www-form-urlencoded':
      return { data: Object.fromEntries(readQuery(body.toString('utf8'))), form: true };
    case 'multipart/form-data':
      return { data: parseMultipart(body, type), form: true };
    default:
      if (body.length === 0) return { data: {}, form: false };
      throw refused(415, `Unsupported media type "${type}" in request.`);
  }
}

function parseJson(body: Buffer): Json {
  let data: Json;
  try {
    const text = utf8.decode(body);
    if (text.startsWith('\ufeff')) throw new SyntaxError('Unexpected UTF-8 BOM');
    if (nesting(text) > MAX_DEPTH) throw new ServerFault('nested too deeply');
    data = JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof ServerFault) throw error;
    throw refused(400, `JSON parse error - ${error instanceof Error ? error.message : 'unreadable'}`);
  }
  return data;
}

/** Nesting depth of brackets outside of strings. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted) {
      if (character === '\\') i++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}

/** The string fields of a multipart form. Files are not supported. */
function parseMultipart(body: Buffer, type: string): Json {
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary === undefined) throw refused(400, 'Multipart form parse error - Invalid boundary in multipart: None');
  const fields: [string, string][] = [];
  for (const part of body.toString('utf8').split(`--${boundary}`)) {
    const [head = '', ...rest] = part.split('\r\n\r\n');
    const name = /name="([^"]*)"/i.exec(head)?.[1];
    if (name !== undefined) fields.push([name, rest.join('\r\n\r\n').replace(/\r\n$/, '')]);
  }
  return Object.fromEntries(fields);
}
