import type { IncomingMessage } from 'node:http';
import { type AddressRules, addressSource, isFromTrustedProxy, joined } from '../auth/client-address.ts';
import { readPathPrefix } from '../auth/path-prefix.ts';

/** Paths that are served, as a proxy with a prefix would forward them. */
const PREFIXED = /^\/.+\/(?:graphql|graphql\/stream|graphiql|live|schema\.graphql)\/?(?:\?|$)/;

/** What is read of a request. */
type RequestHead = Pick<IncomingMessage, 'headers' | 'socket'>;

export interface BasePathOptions {
  /** BASE_PATH, without a slash at the end; empty: unset. */
  readonly prefix: string;
  /** Proxies whose X-Forwarded-Prefix is trusted. */
  readonly proxies: AddressRules;
  readonly log: { warn(details: object, message: string): void };
}

/**
 * The prefix under which a proxy publishes the gateway: BASE_PATH, or X-Forwarded-Prefix of a trusted proxy. Requests may arrive with it or
 * without it: some proxies remove it. The rest of the gateway sees paths without it.
 */
export class BasePath {
  readonly #options: BasePathOptions;
  #hasWarned = false;

  constructor(options: BasePathOptions) {
    this.#options = options;
  }

  /** The prefix that the sender of a request sees. */
  readonly prefixOf = ({ headers, socket }: RequestHead): string => {
    const { prefix, proxies } = this.#options;
    const forwarded = joined(headers['x-forwarded-prefix']);
    if (prefix !== '' || forwarded === undefined) return prefix;
    if (!isFromTrustedProxy(addressSource(headers, socket.remoteAddress), proxies)) return '';
    // Each proxy of a chain appends the part that it removed.
    const parts = forwarded.split(',').map((part) => readPathPrefix(part.trim()));
    return parts.includes(undefined) ? '' : parts.join('');
  };

  /** Removes the prefix from the URL of a request. */
  remove(request: IncomingMessage): void {
    const { url = '' } = request;
    const prefix = this.prefixOf(request);
    if (prefix === '' || !url.startsWith(prefix)) return;
    const rest = url.slice(prefix.length);
    if (rest.startsWith('/')) request.url = rest;
    else if (rest === '' || rest.startsWith('?')) request.url = `/${rest}`;
  }

  /** Logs once that a path without a route looks like one with a prefix. Anyone can send such paths, so the log has one line. */
  notFound({ url = '' }: IncomingMessage): void {
    if (this.#hasWarned || !PREFIXED.test(url)) return;
    this.#hasWarned = true;
    this.#options.log.warn(
      { basePath: this.#options.prefix },
      'A request has an unknown path prefix before a path of the API. If a proxy publishes the gateway under a prefix, set BASE_PATH to it',
    );
  }
}
