import { getStaticFile } from 'ruru/static';
import type { Exchange, HttpAnswer } from './exchange.ts';
import { ASSETS, explorerPage } from './explorer/page.ts';
import { READ_ONLY, type Route } from './router.ts';

export interface ExplorerOptions {
  /** Initial value of the Authorization header in the header editor; undefined: none. */
  readonly authorization: string | undefined;
  /** Prefix of all paths in the page; empty: none. */
  readonly basePath: string;
}

/** The page contains a token, so other pages must not open or embed it. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const ASSET_HEADERS = {
  'cache-control': 'public, max-age=31536000, immutable',
  vary: 'Origin, Accept-Encoding',
  // The policy of the page does not apply to its workers.
  'content-security-policy': "default-src 'none'; script-src 'self'",
  'cross-origin-resource-policy': 'same-origin',
};

const pointer = (basePath: string): HttpAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify({ graphql: `${basePath}/graphql`, explorer: `${basePath}/graphiql` }),
});

/**
 * GraphiQL at `/` (for browsers; programs get a pointer to the API) and `/graphiql`. The page and its assets need no other host: many clouds
 * have no internet access.
 */
export function explorerRoutes({ authorization, basePath }: ExplorerOptions): readonly Route[] {
  const { html, policy } = explorerPage(authorization, basePath);
  const atRoot = pointer(basePath);
  const headers = { ...PAGE_HEADERS, 'content-security-policy': policy };
  const page: HttpAnswer = { status: 200, headers, body: html };
  return [
    { path: '/graphiql', methods: READ_ONLY, handle: (exchange) => exchange.answer(page) },
    {
      path: '/',
      methods: READ_ONLY,
      handle: (exchange) => exchange.answer(exchange.headers.accept?.includes('text/html') ? page : atRoot),
    },
    { path: `${ASSETS}*`, methods: READ_ONLY, handle: sendAsset },
  ];
}

async function sendAsset(exchange: Exchange): Promise<void> {
  const { url, headers } = exchange;
  const file = await getStaticFile({
    staticPath: ASSETS,
    urlPath: url,
    acceptEncoding: headers['accept-encoding'],
    disallowDevAssets: true,
  });
  if (file === null) return exchange.refuse({ status: 404, code: 'NOT_FOUND', message: 'This file does not exist.' });
  const isKnown = headers['if-none-match'] === file.headers.etag;
  exchange.answer({
    status: isKnown ? 304 : 200,
    headers: { ...file.headers, ...ASSET_HEADERS },
    ...(!isKnown && { body: file.content }),
  });
}
