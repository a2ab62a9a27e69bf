import type { IncomingMessage } from 'node:http';
import { ChunkBuffer } from '../runtime/chunk-buffer.ts';
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

/**
 * Reads the body of a request; bounded in memory however small the pieces are in which it comes.
 * @returns undefined when the client left before all of it was sent.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too large' | undefined> {
  return new Promise((resolve) => {
    const chunks = new ChunkBuffer();
    const take = (chunk: Buffer): void => {
      chunks.add(chunk);
      if (chunks.size <= maxBytes) return;
      // What still comes is read away, and dropped.
      request.off('data', take).resume();
      resolve('too large');
    };
    request
      .on('data', take)
      .on('end', () => resolve(chunks.whole()))
      .on('error', () => resolve(undefined));
  });
}

/** The text of a body; undefined when it is not UTF-8. */
export function decode(body: Buffer): string | undefined {
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
