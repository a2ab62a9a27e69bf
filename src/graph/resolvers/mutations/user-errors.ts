import { textOf } from '../../../waldur/error-bodies.ts';
import { isUpstreamError, type UpstreamError } from '../../../waldur/errors.ts';
import type { UserError, UserErrorCode } from '../../generated.ts';

/** The writes, as far as they differ in what Waldur's refusals mean. */
export type Endpoint = 'restore' | 'pull' | 'unlink' | 'update' | 'replace' | 'delete' | 'create' | 'set-state';

/**
 * What a top-level array with status 400 means is told by the endpoint alone, never by its text, which may be translated
 * (contract 6.1). Endpoints that never answer so are taken at their word.
 */
const MEANING_OF_MESSAGES: Readonly<Partial<Record<Endpoint, UserErrorCode>>> = {
  restore: 'QUOTA_EXCEEDED',
  create: 'QUOTA_EXCEEDED',
  pull: 'NO_BACKEND_ID',
};

const NOT_FOUND = 'There is no such object, or you may not see it.';
const FORBIDDEN = 'You may see this object, but not do this to it.';

/**
 * What Waldur refused, for the payload of a mutation. Waldur's own words are kept as the message.
 * @returns undefined for every other failure; that is a GraphQL error.
 */
export function userErrorsOf(endpoint: Endpoint, error: unknown): UserError[] | undefined {
  if (!isUpstreamError(error)) return undefined;
  switch (error.kind) {
    case 'forbidden':
      return [{ code: 'FORBIDDEN', field: null, message: textOf(error.body) ?? FORBIDDEN }];
    case 'not-found':
      return [{ code: 'NOT_FOUND', field: null, message: textOf(error.body) ?? NOT_FOUND }];
    case 'rejected':
      return rejected(endpoint, error);
    case 'unavailable':
    case 'timeout':
    case 'busy':
    case 'rate-limited':
    case 'unauthenticated':
    case 'malformed':
    case 'outcome-unknown':
    case 'aborted':
      return undefined;
  }
}

function rejected(endpoint: Endpoint, { status, body }: UpstreamError): UserError[] {
  const message = textOf(body) ?? 'Waldur refused this and did not say why.';
  if (status === 409) {
    // The one text that tells a wrong state from other conflicts; it is not translated (contract 5).
    const code = message.startsWith('Valid states') ? 'INVALID_STATE' : 'CONFLICT';
    return [{ code, field: null, message }];
  }
  if (body?.shape === 'messages') {
    return [{ code: MEANING_OF_MESSAGES[endpoint] ?? 'VALIDATION', field: null, message }];
  }
  if (body?.shape === 'fields') {
    return [...body.fields].map(([field, texts]) => ({
      code: 'VALIDATION',
      field: field === 'non_field_errors' ? null : camelCase(field),
      message: texts.join(' ') || message,
    }));
  }
  return [{ code: 'VALIDATION', field: null, message }];
}

const camelCase = (field: string): string =>
  field.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
