import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { GatewayError, isErrorCode } from '../errors.ts';

/** Where masked errors are written in full; the client gets only the id. */
export interface ErrorLog {
  error(details: { correlationId: string; err: unknown }, message: string): void;
}

/**
 * Makes what a client may see of an error. The same function serves every transport.
 *
 * Passed on: errors of the closed list, whose messages are written for clients, and graphql-js's own about the document. Everything
 * else becomes INTERNAL_SERVER_ERROR with a correlation id, and is logged under that id. It never throws.
 */
export function formatError(error: unknown, log: ErrorLog): GraphQLFormattedError {
  const located = error instanceof GraphQLError ? error : undefined;
  const where = {
    ...(located?.locations && { locations: located.locations }),
    ...(located?.path && { path: located.path }),
  };
  const cause = rootCause(error);
  if (cause instanceof GatewayError) {
    return { message: cause.message, ...where, extensions: { code: cause.code, ...cause.details } };
  }
  // A GraphQLError without another error behind it is the library's own, about the document or its variables.
  if (cause instanceof GraphQLError && !isUnexpected(cause)) {
    const code = isErrorCode(cause.extensions.code) ? cause.extensions.code : 'GRAPHQL_VALIDATION_FAILED';
    return { message: cause.message, ...where, extensions: { code } };
  }
  const correlationId = randomUUID();
  log.error({ correlationId, err: cause }, 'unexpected error');
  return {
    message: `Something went wrong inside the gateway. Quote ${correlationId} when you report it.`,
    ...where,
    extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId },
  };
}

/** graphql-js wraps what a resolver throws; a GatewayError may also be wrapped by the coercion of a variable. */
function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError !== undefined && cause.originalError !== null) {
    cause = cause.originalError;
  }
  return cause;
}

/** graphql-js throws GraphQLErrors of its own while completing values; those quote the value, so they are not for clients. */
function isUnexpected(error: GraphQLError): boolean {
  if (error.path !== undefined && !isErrorCode(error.extensions.code)) return true;
  return error.extensions.code === 'INTERNAL_SERVER_ERROR';
}
