import type { IncomingMessage } from 'node:http';
import { readBundled } from './bundle.ts';
import type { Exchange, HttpAnswer } from './exchange.ts';
import { ASSETS, type DemoUser, explorerPage, POLICY } from './explorer/page.ts';
import { pathOf, READ_ONLY, type Route } from './router.ts';

export interface ExplorerOptions {
  /** Users of the embedded Waldur, the first one selected; none with a real Waldur. */
  readonly users: readonly DemoUser[];
  /** The path prefix that the browser of a request sees. */
  readonly prefixOf: (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;
}

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  // The page may contain tokens, so other pages must not open or embed it.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const ASSET_HEADERS = {
  'cache-control': 'public, max-age=31536000, immutable',
  vary: 'Origin, Accept-Encoding',
  // The policy of the page does not apply to its workers.
  'content-security-policy': "default-src 'none'; script-src 'self'; connect-src 'self'",
  'cross-origin-resource-policy': 'same-origin',
};

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  ttf: 'font/ttf',
};

/**
 * The explorer at `/` (for browsers; programs get a pointer to the API) and `/graphiql`. The page and its files need no other host: many
 * clouds have no internet access.
 */
export function explorerRoutes({ users, prefixOf }: ExplorerOptions): readonly Route[] {
  const page = (exchange: Exchange): HttpAnswer => ({
    status: 200,
    headers: PAGE_HEADERS,
    body: explorerPage(users, prefixOf(exchange)),
  });
  const pointer = (exchange: Exchange): HttpAnswer => {
    const prefix = prefixOf(exchange);
    return {
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ graphql: `${prefix}/graphql`, explorer: `${prefix}/graphiql` }),
    };
  };
  return [
    { path: '/graphiql', methods: READ_ONLY, handle: (exchange) => exchange.answer(page(exchange)) },
    {
      path: '/',
      methods: READ_ONLY,
      handle: (exchange) =>
        exchange.answer(exchange.headers.accept?.includes('text/html') ? page(exchange) : pointer(exchange)),
    },
    { path: `${ASSETS}*`, methods: READ_ONLY, handle: sendAsset },
  ];
}

async function sendAsset(exchange: Exchange): Promise<void> {
  const { url, headers } = exchange;
  const name = pathOf(url)?.slice(ASSETS.length) ?? '';
  // The version is in the path, so the name alone identifies the content.
  const etag = `"${name}"`;
  const acceptsBrotli = /\bbr\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(headers['accept-encoding']?.toString() ?? '');
  const file = await readBundled('explorer', name, acceptsBrotli);
  if (file === undefined) {
    return exchange.refuse({ status: 404, code: 'NOT_FOUND', message: 'This file does not exist.' });
  }
  const isKnown = headers['if-none-match'] === etag;
  exchange.answer({
    status: isKnown ? 304 : 200,
    headers: {
      ...ASSET_HEADERS,
      'content-type': TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
      etag,
      ...(file.encoding !== undefined && { 'content-encoding': file.encoding }),
    },
    ...(!isKnown && { body: file.content }),
  });
}
