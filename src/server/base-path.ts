import type { IncomingMessage } from 'node:http';

/** Paths that are served, as a proxy with a prefix would forward them. */
const PREFIXED = /^\/.+\/(?:graphql|graphql\/stream|graphiql|live|schema\.graphql)\/?(?:\?|$)/;

/**
 * The prefix under which a proxy publishes the gateway (BASE_PATH). Requests may arrive with it or without it: some proxies remove it.
 * The rest of the gateway sees paths without it.
 */
export class BasePath {
  /** Without a slash at the end; empty: no prefix. */
  readonly prefix: string;
  readonly #log: { warn(details: object, message: string): void };
  #hasWarned = false;

  constructor(prefix: string, log: { warn(details: object, message: string): void }) {
    this.prefix = prefix;
    this.#log = log;
  }

  /** Removes the prefix from the URL of a request. */
  remove(request: IncomingMessage): void {
    const { url = '' } = request;
    if (this.prefix === '' || !url.startsWith(this.prefix)) return;
    const rest = url.slice(this.prefix.length);
    if (rest.startsWith('/')) request.url = rest;
    else if (rest === '' || rest.startsWith('?')) request.url = `/${rest}`;
  }

  /** Logs once that a path without a route looks like one with a prefix. Anyone can send such paths, so the log has one line. */
  notFound({ url = '' }: IncomingMessage): void {
    if (this.#hasWarned || !PREFIXED.test(url)) return;
    this.#hasWarned = true;
    this.#log.warn(
      { basePath: this.prefix },
      'A request has an unknown path prefix before a path of the API. If a proxy publishes the gateway under a prefix, set BASE_PATH to it',
    );
  }
}
