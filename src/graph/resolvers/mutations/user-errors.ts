import { textOf } from '../../../waldur/error-bodies.ts';
import { isUpstreamError, type UpstreamError } from '../../../waldur/errors.ts';
import type { UserError, UserErrorCode } from '../../generated.ts';

/** The kinds of writes whose refusals have different meanings. */
export type Endpoint =
  | 'restore'
  | 'pull'
  | 'unlink'
  | 'update'
  | 'replace'
  | 'delete'
  | 'create'
  | 'set-state'
  | 'attach'
  | 'detach'
  | 'extend';

/**
 * Meaning of a 400 whose body is a top-level array. It depends on the endpoint alone: the message may be translated (contract 6.1).
 * Endpoints without an entry do not send such a body.
 */
const MEANING_OF_MESSAGES: Readonly<Partial<Record<Endpoint, UserErrorCode>>> = {
  restore: 'QUOTA_EXCEEDED',
  create: 'QUOTA_EXCEEDED',
  extend: 'QUOTA_EXCEEDED',
  pull: 'NO_BACKEND_ID',
};

/** Endpoints whose every 409 means that the object, or one that uses it, is in a wrong state (contract 11.4). */
const CONFLICTS_ARE_STATES: ReadonlySet<Endpoint> = new Set(['attach', 'detach', 'extend']);

/** Fields of the input whose names are not those of REST in camelCase. */
const FIELD_NAMES: Readonly<Partial<Record<Endpoint, Readonly<Record<string, string>>>>> = {
  attach: { instance: 'instanceUuid' },
  extend: { disk_size: 'size' },
};

const NOT_FOUND = 'The object does not exist, or you do not have access to it.';
const FORBIDDEN = 'You can read this object, but you do not have permission to do this.';

/**
 * Translates a refusal by Waldur into user errors of the payload. The message is Waldur's own.
 * @returns undefined for every other failure, which is a GraphQL error.
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
  const message = textOf(body) ?? 'Waldur refused the request without giving a reason.';
  if (status === 409) {
    // Elsewhere only this message distinguishes a wrong state from other conflicts. Waldur does not translate it (contract 5).
    const isState = CONFLICTS_ARE_STATES.has(endpoint) || message.startsWith('Valid states');
    return [{ code: isState ? 'INVALID_STATE' : 'CONFLICT', field: null, message }];
  }
  if (body?.shape === 'messages') {
    return [{ code: MEANING_OF_MESSAGES[endpoint] ?? 'VALIDATION', field: null, message }];
  }
  if (body?.shape === 'fields') {
    return [...body.fields].map(([field, messages]) => ({
      code: 'VALIDATION',
      field: field === 'non_field_errors' ? null : (FIELD_NAMES[endpoint]?.[field] ?? camelCase(field)),
      message: messages.join(' ') || message,
    }));
  }
  return [{ code: 'VALIDATION', field: null, message }];
}

const camelCase = (field: string): string =>
  field.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
