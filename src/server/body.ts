import type { IncomingMessage } from 'node:http';
import { ChunkBuffer } from '../runtime/chunk-buffer.ts';
import type { HttpError } from './http-error.ts';
import { exceededBound, type JsonBounds } from './json-size-guard.ts';

export const BAD_JSON: HttpError = { status: 400, code: 'BAD_REQUEST', message: 'The body must be JSON in UTF-8.' };
const BATCH: HttpError = {
  status: 400,
  code: 'BAD_REQUEST',
  message: 'Batching is not supported. Send one operation per request; one operation can select several root fields.',
};

/** Twice as many members as the variables may have, and far deeper than they may nest. */
const BOUNDS: JsonBounds = { members: 20_000, nesting: 10_000 };
const TOO_MUCH: Readonly<Record<keyof JsonBounds, HttpError>> = {
  members: {
    status: 400,
    code: 'BAD_REQUEST',
    message: `The JSON of a request can have at most ${BOUNDS.members} object members in total. Split it into several requests.`,
  },
  nesting: {
    status: 400,
    code: 'BAD_REQUEST',
    message: `The JSON of a request can be nested at most ${BOUNDS.nesting} levels deep.`,
  },
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the body of a request. Memory is bounded, however small the received chunks are.
 * @returns undefined when the client disconnected before it had sent all of the body.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too large' | undefined> {
  return new Promise((resolve) => {
    const chunks = new ChunkBuffer();
    const take = (chunk: Buffer): void => {
      chunks.add(chunk);
      if (chunks.size <= maxBytes) return;
      // The rest is read and discarded.
      request.off('data', take).resume();
      resolve('too large');
    };
    request
      .on('data', take)
      .on('end', () => resolve(chunks.whole()))
      .on('error', () => resolve(undefined));
  });
}

/** Whether a body with this Content-Encoding can be read as it is. */
export const isUnencoded = (contentEncoding: string | undefined): boolean =>
  (contentEncoding ?? '').split(',').every((coding) => /^\s*(?:identity)?\s*$/i.test(coding));

/** Decodes a body. @returns undefined when it is not UTF-8. */
export function decode(body: Buffer): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}

/** Checks that JSON is cheap to parse; the same for all transports. @returns the refusal when it is not. */
export function refuseExpensiveJson(text: string): HttpError | undefined {
  const exceeded = exceededBound(text, BOUNDS);
  return exceeded && TOO_MUCH[exceeded];
}

/** Parses the body of a request, which is one operation. */
export function parseBody(text: string): { text: string; json: unknown } | { refusal: HttpError } {
  const refusal = refuseExpensiveJson(text);
  if (refusal !== undefined) return { refusal };
  try {
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? { refusal: BATCH } : { text, json };
  } catch {
    return { refusal: BAD_JSON };
  }
}
