/**
 * Error bodies of Waldur, by shape (contract 6.1). The meaning of a refusal follows from status, endpoint and shape, never from its
 * messages, which are translated.
 */
export type ErrorBody =
  /** `{"detail": "text"}` */
  | { readonly shape: 'detail'; readonly detail: string }
  /** `{"name": ["text"]}`: by field or filter, in REST spelling; `non_field_errors` for the body as a whole. */
  | { readonly shape: 'fields'; readonly fields: ReadonlyMap<string, readonly string[]> }
  /** `["text"]`: exceeded quotas and a missing backend id. */
  | { readonly shape: 'messages'; readonly messages: readonly string[] }
  /** `{"tried": [...], "path": "..."}`: an address in a filter has no route. */
  | { readonly shape: 'unroutable' }
  | { readonly shape: 'empty' }
  /** HTML or anything else; none of it is kept. */
  | { readonly shape: 'unreadable' };

const UNREADABLE: ErrorBody = { shape: 'unreadable' };
const EMPTY: ErrorBody = { shape: 'empty' };
const UNROUTABLE: ErrorBody = { shape: 'unroutable' };

/** Refusals are short, except for the routes that an `unroutable` one lists. */
const LONGEST_BODY = 1_048_576;
const LONGEST_TEXT = 1_000;
const MOST_TEXTS = 50;

/** Reads the body of an error response. Never throws. */
export function readErrorBody(body: string): ErrorBody {
  if (body.trim() === '') return EMPTY;
  if (body.length > LONGEST_BODY) return UNREADABLE;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return UNREADABLE;
  }
  if (Array.isArray(parsed)) return { shape: 'messages', messages: texts(parsed) };
  if (typeof parsed !== 'object' || parsed === null) return UNREADABLE;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(parsed);
  const detail = entries.find(([key]) => key === 'detail')?.[1];
  if (typeof detail === 'string') return { shape: 'detail', detail: detail.slice(0, LONGEST_TEXT) };
  if (Object.hasOwn(parsed, 'tried') && Object.hasOwn(parsed, 'path')) return UNROUTABLE;
  return { shape: 'fields', fields: new Map(entries.slice(0, MOST_TEXTS).map(([key, value]) => [key, texts(value)])) };
}

/** The strings within a value, at any depth: those of a nested field are one level deeper. */
function texts(value: unknown): string[] {
  const found: string[] = [];
  const waiting: unknown[] = [value];
  // Not recursive, because the upstream decides how deep the value is.
  for (let next = waiting.pop(); next !== undefined && found.length < MOST_TEXTS; next = waiting.pop()) {
    if (typeof next === 'string') found.push(next.slice(0, LONGEST_TEXT));
    else if (typeof next === 'object' && next !== null)
      waiting.push(...Object.values(next).slice(0, MOST_TEXTS).reverse());
  }
  return found;
}

/** The messages of a refusal as one line; undefined when it has none. */
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
