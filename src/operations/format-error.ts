import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type ErrorCode, type ErrorDetails, GatewayError, isErrorCode } from '../errors.ts';

/** Where masked errors are written in full; the client gets only the id. */
export interface ErrorLog {
  /** false: messages contain no suggestions, because names of the schema could be guessed from them. */
  readonly suggestions?: boolean;
  error(details: { correlationId: string; err: unknown }, message: string): void;
}

/** Longest string in an error for a client. Messages, paths and details can repeat what the client sent, which can be long. */
const MAX_CHARACTERS = 1_000;
/** Most errors in one response. */
const MAX_ERRORS = 100;
/** Most locations of one error: a message about a name lists each place where it is used. */
const MAX_LOCATIONS = 10;

/** Formats the errors of one response. Past the first hundred, one error says how many are left out. */
export function formatErrors(errors: readonly unknown[], log: ErrorLog): GraphQLFormattedError[] {
  const formatted = errors.slice(0, MAX_ERRORS).map((error) => formatError(error, log));
  const rest = errors.slice(MAX_ERRORS);
  const [first] = rest;
  if (first === undefined) return formatted;
  const message = `${rest.length} more ${rest.length === 1 ? 'error is' : 'errors are'} not shown.`;
  return [...formatted, { message, extensions: { code: codeOf(first) } }];
}

/**
 * Makes what a client may see of an error. The same function serves every transport.
 *
 * Passed on: errors of the closed list, whose messages are written for clients, and errors of graphql-js about the document. Every other
 * error becomes INTERNAL_SERVER_ERROR with a correlation id, and is logged under that id. The result is bounded. It never throws.
 */
export function formatError(error: unknown, log: ErrorLog): GraphQLFormattedError {
  const located = error instanceof GraphQLError ? error : undefined;
  const where = {
    ...(located?.locations && { locations: located.locations.slice(0, MAX_LOCATIONS) }),
    ...(located?.path && { path: located.path.map((key) => (typeof key === 'string' ? shorten(key) : key)) }),
  };
  const chain = chainOf(error);
  const own = chain.find((one) => one instanceof GatewayError);
  if (own !== undefined) {
    return { message: shorten(own.message), ...where, extensions: { code: own.code, ...shortDetails(own.details) } };
  }
  const library = chain.find(isAboutTheDocument);
  if (library !== undefined) {
    const message = log.suggestions === false ? withoutSuggestion(library.message) : library.message;
    return { message: shorten(message), ...where, extensions: { code: libraryCode(library) } };
  }
  const cause = chain.at(-1);
  const correlationId = randomUUID();
  log.error({ correlationId, err: cause }, 'unexpected error');
  return {
    message: `Something went wrong inside the gateway. Quote ${correlationId} when you report it.`,
    ...where,
    extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId },
  };
}

/** Cuts a string to its bound, not within a character. */
function shorten(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  // A surrogate pair that is cut in two would become another character.
  const end = /[\ud800-\udbff]/.test(text.charAt(MAX_CHARACTERS - 2)) ? MAX_CHARACTERS - 2 : MAX_CHARACTERS - 1;
  return `${text.slice(0, end)}…`;
}

function shortDetails({ argument, upstream, ...rest }: ErrorDetails): ErrorDetails {
  return {
    ...rest,
    ...(argument !== undefined && { argument: shorten(argument) }),
    ...(upstream && {
      upstream: {
        ...upstream,
        ...(upstream.requestId !== undefined && { requestId: shorten(upstream.requestId) }),
      },
    }),
  };
}

/** Removes the suggestion that graphql-js may add at the end. Not by a pattern: messages quote values of any length. */
function withoutSuggestion(message: string): string {
  const at = message.lastIndexOf('Did you mean ');
  return at === -1 || !message.endsWith('?') ? message : message.slice(0, at).trimEnd();
}

/** The code that `formatError` gives an error. */
export function codeOf(error: unknown): ErrorCode {
  const chain = chainOf(error);
  const own = chain.find((one) => one instanceof GatewayError);
  if (own !== undefined) return own.code;
  const library = chain.find(isAboutTheDocument);
  return library === undefined ? 'INTERNAL_SERVER_ERROR' : libraryCode(library);
}

function libraryCode({ extensions: { code } }: GraphQLError): ErrorCode {
  return isErrorCode(code) ? code : 'GRAPHQL_VALIDATION_FAILED';
}

/** An error with those that it wraps: graphql-js wraps what a resolver throws, Apollo wraps graphql-js's. */
function chainOf(error: unknown): unknown[] {
  const chain = [error];
  for (let next = error; next instanceof GraphQLError && next.originalError; next = next.originalError) {
    chain.push(next.originalError);
  }
  return chain;
}

/**
 * An error of the library's own about the document or its variables. Those that it throws while completing values have a path and no
 * code of the list; they quote the value, so they are not for clients.
 */
function isAboutTheDocument(error: unknown): error is GraphQLError {
  if (!(error instanceof GraphQLError) || error.extensions.code === 'INTERNAL_SERVER_ERROR') return false;
  if (isErrorCode(error.extensions.code)) return true;
  return error.path === undefined && !(error.originalError instanceof Error);
}
