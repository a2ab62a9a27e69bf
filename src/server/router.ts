import type { Exchange } from './exchange.ts';

/** A path and its handler. */
export interface Route {
  /** Without a slash at the end. A path that ends in `*` matches every path with this prefix. Also the label in metrics and log. */
  readonly path: string;
  /**
   * The methods that `handle` supports; absent: all. Where GET is one of them, `handle` gets HEAD too, and its answer is sent without a
   * body. OPTIONS is answered by the server.
   */
  readonly methods?: readonly string[];
  /** Orchestrators and Prometheus send it all the time, so its requests are logged at debug level. */
  readonly isProbe?: boolean;
  /** Answers the request, now or later. */
  handle(exchange: Exchange): void | Promise<void>;
}

/** Methods of routes that only show something. */
export const READ_ONLY: readonly string[] = ['GET'];

/** Whether a route supports a method. */
export const supports = ({ methods }: Route, method: string): boolean =>
  methods === undefined || methods.includes(method === 'HEAD' ? 'GET' : method);

/** The value of the header Allow. */
export function allowedMethods({ methods = ['GET', 'POST'] }: Route): string {
  return [...methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])), 'OPTIONS'].join(', ');
}

/** The table of all routes. Each path has one route. */
export class Router {
  readonly #exact = new Map<string, Route>();
  readonly #prefixes: Route[] = [];

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      if (route.path.endsWith('*')) this.#prefixes.push(route);
      else this.#exact.set(route.path, route);
    }
  }

  /** @param path decoded; a slash at its end is ignored. */
  find(path: string): Route | undefined {
    const exact = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    return this.#exact.get(exact) ?? this.#prefixes.find((prefix) => path.startsWith(prefix.path.slice(0, -1)));
  }
}

/** Decodes the path of a request target. @returns undefined when it is malformed. */
export function pathOf(target: string): string | undefined {
  // Clients may send an absolute URL, as they do to a proxy (RFC 9112, 3.2.2).
  const path = target.startsWith('/') ? target.slice(0, endOfPath(target)) : URL.parse(target)?.pathname;
  if (path === undefined || !path.includes('%')) return path;
  try {
    return decodeURI(path);
  } catch {
    return undefined;
  }
}

function endOfPath(target: string): number {
  const end = target.search(/[?#]/);
  return end === -1 ? target.length : end;
}
