import type { Exchange } from './exchange.ts';

/** What is served at a path. */
export interface Route {
  /** Without a slash at the end. One that ends in `*` stands for all paths that begin with what is before it. Also the label in metrics and log. */
  readonly path: string;
  /** Others are not found. HEAD counts as GET. Absent: any, `handle` decides, and preflights are answered. */
  readonly methods?: readonly string[];
  /** Answers the request, or leaves that to what it has started. */
  handle(exchange: Exchange): void | Promise<void>;
}

/** For routes that only show something. */
export const READ_ONLY: readonly string[] = ['GET'];

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
  find(method: string, path: string): Route | undefined {
    const exact = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    const route = this.#exact.get(exact) ?? this.#prefixes.find((prefix) => path.startsWith(prefix.path.slice(0, -1)));
    const asked = method === 'HEAD' ? 'GET' : method;
    return route === undefined || route.methods?.includes(asked) === false ? undefined : route;
  }
}

/** The decoded path of a request target; undefined when it cannot be read. */
export function pathOf(target: string): string | undefined {
  // Clients may send the whole URL, as they do to a proxy (RFC 9112, 3.2.2).
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
