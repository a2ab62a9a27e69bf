import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import type { FaultRule } from './faults.ts';
import type { ApiAnswer } from './model.ts';

const NO_FAULT: FaultRule = {};

/** True when the rule answers by itself, so that Waldur does not see the request. */
export const replaces = (rule: FaultRule): boolean =>
  rule.status !== undefined || rule.body !== undefined || rule.gzipBombMiB !== undefined;

/** The answer of a rule that `replaces`: what is not given is 200 and an empty body. */
export function standIn(rule: FaultRule): ApiAnswer {
  const body = rule.body ?? '';
  return { status: rule.status ?? 200, headers: body === '' ? {} : { 'content-type': 'application/json' }, body };
}

/** Sends an answer, spoiled as the rule says. */
export function respond(response: ServerResponse, answer: ApiAnswer, rule: FaultRule = NO_FAULT): void {
  if (response.destroyed) return;
  if (rule.reset === true) response.socket?.resetAndDestroy();
  else if (rule.gzipBombMiB !== undefined) void sendBomb(response, answer, rule, rule.gzipBombMiB);
  else if (rule.truncateAt !== undefined || rule.stallAfter !== undefined) sendPart(response, answer, rule);
  else send(response, answer, rule);
}

function headersOf(answer: ApiAnswer, rule: FaultRule): Record<string, string> {
  if (rule.headers === undefined) return answer.headers;
  // The rule's names win whatever their case.
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
  // A HEAD is told the length of what it does not get.
  response.writeHead(answer.status, headers).end(response.req.method === 'HEAD' ? undefined : answer.body);
}

/** The head as for the whole body, then a part of it; what comes after depends on the rule. */
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
  // An empty write is never reported as done, so the head alone is sent by an empty tick.
  if (part.length === 0) response.socket?.write('', after);
  else response.write(part, after);
}

const MIB = 2 ** 20;

/** A JSON array of nothing but blanks: valid, so that only a limit on the inflated size stops its reader. */
async function sendBomb(response: ServerResponse, answer: ApiAnswer, rule: FaultRule, mib: number): Promise<void> {
  const headers = headersOf({ ...answer, headers: { 'content-type': 'application/json' } }, rule);
  response.writeHead(answer.status, { ...headers, 'content-encoding': 'gzip' });
  const blanks = gzipSync(Buffer.alloc(MIB, ' '));
  const members = function* (): Generator<Buffer> {
    yield gzipSync('[');
    for (let sent = 0; sent < mib; sent++) yield blanks;
    yield gzipSync(']');
  };
  // The reader hangs up as soon as it has seen enough: that is how it should end.
  await pipeline(Readable.from(members()), response).catch(() => undefined);
}
