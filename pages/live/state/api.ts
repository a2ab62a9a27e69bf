/** The page is at `ROOT/live`, whatever the prefix of a proxy is. */
const ROOT = location.pathname.replace(/\/live\/?$/, '');

export const GRAPHQL_PATH = `${ROOT}/graphql`;
export const EXPLORER_PATH = `${ROOT}/graphiql`;
export const CONTROL_PATH = `${ROOT}/live/simulator/`;

/** The address of the streams. */
export const socketUrl = (): string => new URL(GRAPHQL_PATH, location.href).href.replace(/^http/, 'ws');

/** A request that failed as a whole. `code` is that of the gateway, or empty when the gateway was not reached. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface GraphQLError {
  readonly message: string;
  readonly extensions?: { readonly code?: string };
}

/** People paste a token with or without its scheme. */
export const authorizationOf = (token: string): string =>
  /^(?:token|bearer)\s/i.test(token) ? token : `Token ${token}`;

/** The error of a list of GraphQL errors, as the sink of a subscription gets them. */
export function errorOf(errors: readonly unknown[]): ApiError {
  const { message = 'The gateway sent an unknown error.', extensions } = (errors[0] ?? {}) as Partial<GraphQLError>;
  return new ApiError(extensions?.code ?? '', message);
}

/** Runs a query or mutation. @throws ApiError */
export async function request<Data>(
  token: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Data> {
  let response: Response;
  try {
    response = await fetch(GRAPHQL_PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: authorizationOf(token) },
      body: JSON.stringify({ query, variables }),
    });
  } catch {
    throw new ApiError('', 'The gateway does not answer. Check your connection, then try again.');
  }
  const { data, errors } = await readAnswer(response);
  if (errors !== undefined && errors.length > 0) throw errorOf(errors);
  if (data === undefined || data === null)
    throw new ApiError('', `The gateway answered with status ${response.status}.`);
  // The documents of the page select what `Data` declares; a test validates them.
  return data as Data;
}

async function readAnswer(response: Response): Promise<{ data?: unknown; errors?: readonly unknown[] }> {
  try {
    return await response.json();
  } catch {
    throw new ApiError('', `The gateway answered with status ${response.status}.`);
  }
}
