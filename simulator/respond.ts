import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import type { FaultRule } from './faults.ts';
import type { ApiAnswer } from './model.ts';

const NO_FAULT: FaultRule = {};

/** Whether the rule replaces the response, so that Waldur does not get the request. */
export const replaces = (rule: FaultRule): boolean =>
  rule.status !== undefined || rule.body !== undefined || rule.gzipBombMiB !== undefined;

/** The response of a rule that `replaces`. The defaults are status 200 and an empty body. */
export function standIn(rule: FaultRule): ApiAnswer {
  const body = rule.body ?? '';
  return { status: rule.status ?? 200, headers: body === '' ? {} : { 'content-type': 'application/json' }, body };
}

/** Sends a response with the faults of the rule. */
export function respond(response: ServerResponse, answer: ApiAnswer, rule: FaultRule = NO_FAULT): void {
  if (response.destroyed) return;
  if (rule.reset === true) response.socket?.resetAndDestroy();
  else if (rule.gzipBombMiB !== undefined) void sendBomb(response, answer, rule, rule.gzipBombMiB);
  else if (rule.truncateAt !== undefined || rule.stallAfter !== undefined) sendPart(response, answer, rule);
  else send(response, answer, rule);
}

function headersOf(answer: ApiAnswer, rule: FaultRule): Record<string, string> {
  if (rule.headers === undefined) return answer.headers;
  // Header names are case-insensitive. The rule takes precedence.
  const headers = new Map(Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]));
  for (const [name, value] of Object.entries(rule.headers)) headers.set(name.toLowerCase(), value);
  return Object.fromEntries(headers);
}

function send(response: ServerResponse, answer: ApiAnswer, rule: FaultRule): void {
  const headers = { ...headersOf(answer, rule) };
  if (answer.status === 204 || answer.status === 304) {
    response.writeHead(answer.status, headers).end();
    return;
  }
  const chunked = headers['transfer-encoding'] !== undefined;
  if (!chunked) headers['content-length'] ??= String(Buffer.byteLength(answer.body));
  // A response to HEAD has the length of the body that GET would return.
  response.writeHead(answer.status, headers).end(response.req.method === 'HEAD' ? undefined : answer.body);
}

/** Sends the headers of the full body, then a part of it. */
function sendPart(response: ServerResponse, answer: ApiAnswer, rule: FaultRule): void {
  const whole = Buffer.from(answer.body);
  const headers = { ...headersOf(answer, rule) };
  if (headers['transfer-encoding'] === undefined) headers['content-length'] ??= String(whole.length);
  response.writeHead(answer.status, headers);
  response.flushHeaders();
  const part = whole.subarray(0, rule.truncateAt ?? rule.stallAfter);
  const after = (): void => {
    if (rule.truncateAt !== undefined) response.socket?.destroy();
  };
  // The callback of an empty write is never called.
  if (part.length === 0) response.socket?.write('', after);
  else response.write(part, after);
}

const MIB = 2 ** 20;

/** A JSON array of whitespace. It is valid, so only a limit on the decompressed size stops the reader. */
async function sendBomb(response: ServerResponse, answer: ApiAnswer, rule: FaultRule, mib: number): Promise<void> {
  const headers = headersOf({ ...answer, headers: { 'content-type': 'application/json' } }, rule);
  response.writeHead(answer.status, { ...headers, 'content-encoding': 'gzip' });
  const blanks = gzipSync(Buffer.alloc(MIB, ' '));
  const members = function* (): Generator<Buffer> {
    yield gzipSync('[');
    for (let sent = 0; sent < mib; sent++) yield blanks;
    yield gzipSync(']');
  };
  // A reader with a limit closes the connection early.
  await pipeline(Readable.from(members()), response).catch(() => undefined);
}
