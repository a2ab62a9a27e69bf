/**
 * Error bodies of Waldur, by shape (contract 6.1). Refusals are classified by status, endpoint and shape, never by their messages,
 * which are translated.
 */
export type ErrorBody =
  /** `{"detail": "message"}` */
  | { readonly shape: 'detail'; readonly detail: string }
  /** `{"name": ["message"]}`: by field or filter, in REST spelling; `non_field_errors` for the body as a whole. */
  | { readonly shape: 'fields'; readonly fields: ReadonlyMap<string, readonly string[]> }
  /** `["message"]`: quotas and a missing backend id. */
  | { readonly shape: 'messages'; readonly messages: readonly string[] }
  /** `{"tried": [...], "path": "..."}`: a URL in a filter has no route. */
  | { readonly shape: 'unroutable' }
  | { readonly shape: 'empty' }
  /** HTML or anything else; its content is dropped. */
  | { readonly shape: 'unreadable' };

const UNREADABLE: ErrorBody = { shape: 'unreadable' };
const EMPTY: ErrorBody = { shape: 'empty' };
const UNROUTABLE: ErrorBody = { shape: 'unroutable' };

/** Refusals are short, but the routes listed by an `unroutable` one are not. */
const MAX_BODY_LENGTH = 1_048_576;
const MAX_MESSAGE_LENGTH = 1_000;
const MAX_MESSAGES = 50;

/** Reads the body of an unsuccessful response. Never throws. */
export function readErrorBody(body: string): ErrorBody {
  if (body.trim() === '') return EMPTY;
  if (body.length > MAX_BODY_LENGTH) return UNREADABLE;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return UNREADABLE;
  }
  if (Array.isArray(parsed)) return { shape: 'messages', messages: stringsIn(parsed) };
  if (typeof parsed !== 'object' || parsed === null) return UNREADABLE;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(parsed);
  const detail = entries.find(([key]) => key === 'detail')?.[1];
  if (typeof detail === 'string') return { shape: 'detail', detail: detail.slice(0, MAX_MESSAGE_LENGTH) };
  if (Object.hasOwn(parsed, 'tried') && Object.hasOwn(parsed, 'path')) return UNROUTABLE;
  return {
    shape: 'fields',
    fields: new Map(entries.slice(0, MAX_MESSAGES).map(([key, value]) => [key, stringsIn(value)])),
  };
}

/** All strings in a value: the messages of a nested field are one level deeper. */
function stringsIn(value: unknown): string[] {
  const found: string[] = [];
  const waiting: unknown[] = [value];
  // An explicit stack instead of recursion, because the upstream decides the depth.
  for (let next = waiting.pop(); next !== undefined && found.length < MAX_MESSAGES; next = waiting.pop()) {
    if (typeof next === 'string') found.push(next.slice(0, MAX_MESSAGE_LENGTH));
    else if (typeof next === 'object' && next !== null)
      waiting.push(...Object.values(next).slice(0, MAX_MESSAGES).reverse());
  }
  return found;
}

/** The messages of a refusal in one line; undefined when it has none. */
export function textOf(body: ErrorBody | undefined): string | undefined {
  switch (body?.shape) {
    case 'detail':
      return body.detail;
    case 'fields':
      return [...body.fields.values()].flat().join(' ') || undefined;
    case 'messages':
      return body.messages.join(' ') || undefined;
    case 'unroutable':
    case 'empty':
    case 'unreadable':
    case undefined:
      return undefined;
  }
}
