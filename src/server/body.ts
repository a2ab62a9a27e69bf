import type { HttpError } from './http-error.ts';
import { exceedsMembers } from './json-size-guard.ts';

export const BAD_JSON: HttpError = { status: 400, code: 'BAD_REQUEST', message: 'The body is not JSON in UTF-8.' };
const BATCH: HttpError = {
  status: 400,
  code: 'BAD_REQUEST',
  message: 'Batches are not accepted. Send one operation a request; several root fields fit in one operation.',
};

/** Twice what the variables may hold. */
const MOST_MEMBERS = 20_000;
const TOO_MANY_MEMBERS: HttpError = {
  status: 400,
  code: 'BAD_REQUEST',
  message: `The objects in the body may have at most ${MOST_MEMBERS} members together. Ask in several requests.`,
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of a body; undefined when it is none. */
export function decode(body: unknown): string | undefined {
  if (!Buffer.isBuffer(body)) return undefined;
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}

/** The JSON of a body: one operation. */
export function parseBody(text: string): { text: string; json: unknown } | { refusal: HttpError } {
  if (exceedsMembers(text, MOST_MEMBERS)) return { refusal: TOO_MANY_MEMBERS };
  try {
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? { refusal: BATCH } : { text, json };
  } catch {
    return { refusal: BAD_JSON };
  }
}
