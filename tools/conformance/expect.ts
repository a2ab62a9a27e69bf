import { Mismatch } from './check.ts';
import type { Answer } from './client.ts';
import { isRow, type Row, show } from './values.ts';

/** Assertions on responses. They throw Mismatch with the request and the actual value. */

export function ensure(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Mismatch(message);
}

export function same(what: string, got: unknown, wanted: unknown): void {
  const equal = JSON.stringify(got) === JSON.stringify(wanted);
  ensure(equal, `${what} is ${show(got)}, not ${show(wanted)}`);
}

/** The status, with a glimpse of a refusal's body where another one came. */
export function status(answer: Answer, ...wanted: number[]): void {
  if (wanted.includes(answer.status)) return;
  const said = answer.status >= 400 ? `: ${glimpse(answer)}` : '';
  throw new Mismatch(`${answer.asked}: expected status ${wanted.join(' or ')}, got ${answer.status}${said}`);
}

function glimpse({ text, headers }: Answer): string {
  if (text === '') return 'an empty body';
  if (!isJson(headers)) return `a body of type ${headers['content-type'] ?? 'unknown'}`;
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

export const isJson = (headers: Answer['headers']): boolean =>
  /^application\/json(?:$|;)/.test(headers['content-type'] ?? '');

export function json(answer: Answer): unknown {
  ensure(isJson(answer.headers), `${answer.asked}: type ${answer.headers['content-type'] ?? 'unknown'}, not JSON`);
  try {
    return JSON.parse(answer.text);
  } catch {
    throw new Mismatch(`${answer.asked}: the body is not JSON`);
  }
}

/** The object of an answer with this status. */
export function object(answer: Answer, wanted = 200): Row {
  status(answer, wanted);
  const body = json(answer);
  ensure(isRow(body), `${answer.asked}: the body is not an object`);
  return body;
}

/** The rows of a 200: a bare array of objects. */
export function rows(answer: Answer): readonly Row[] {
  status(answer, 200);
  const body = json(answer);
  ensure(Array.isArray(body) && body.every(isRow), `${answer.asked}: the body is not a bare array of objects`);
  return body;
}

/** A refusal of the shape `{"detail": "message"}`. @returns the message. */
export function detail(answer: Answer, wanted: number): string {
  const { detail: said } = object(answer, wanted);
  ensure(typeof said === 'string', `${answer.asked}: ${wanted} without a detail: ${glimpse(answer)}`);
  return said;
}

/** A 400 of the shape `{"<name>": ["text", ...]}`. */
export function refuses(answer: Answer, name: string): void {
  const texts = object(answer, 400)[name];
  const isList = Array.isArray(texts) && texts.length > 0 && texts.every((one) => typeof one === 'string');
  ensure(isList, `${answer.asked}: the 400 has no messages for ${name}: ${glimpse(answer)}`);
}

/** X-Result-Count. Undefined if it is not an integer. */
export function total(answer: Answer): number | undefined {
  const count = answer.headers['x-result-count'] ?? '';
  return /^\d+$/.test(count) ? Number(count) : undefined;
}
