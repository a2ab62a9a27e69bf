import { getStaticFile } from 'ruru/static';
import type { Exchange, HttpAnswer } from './exchange.ts';
import { ASSETS, explorerPage } from './explorer/page.ts';
import { READ_ONLY, type Route } from './router.ts';

export interface ExplorerOptions {
  /** Value of the Authorization header that the header editor starts with; undefined: left to the person. */
  readonly authorization: string | undefined;
  /** Prefix of all paths in the page; empty: none. */
  readonly basePath: string;
}

/** What a page that holds a token must not be used for: frames, windows of other pages, addresses told to others. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const ASSET_HEADERS = {
  'cache-control': 'public, max-age=31536000, immutable',
  vary: 'Origin, Accept-Encoding',
  // The page's policy does not reach into its workers; this one does.
  'content-security-policy': "default-src 'none'; script-src 'self'",
  'cross-origin-resource-policy': 'same-origin',
};

/** What `/` answers depends on what the client takes. */
const AT_ROOT = { vary: 'Origin, Accept' };

const pointer = (basePath: string): HttpAnswer => ({
  status: 200,
  headers: { ...AT_ROOT, 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify({ graphql: `${basePath}/graphql`, explorer: `${basePath}/graphiql` }),
});

/**
 * GraphiQL at `/` (to a browser; programs get a pointer to the API) and `/graphiql`. Page and assets come from here and nothing is
 * asked of another host: many clouds have no way out.
 */
export function explorerRoutes({ authorization, basePath }: ExplorerOptions): readonly Route[] {
  const { html, policy } = explorerPage(authorization, basePath);
  const atRoot = pointer(basePath);
  const headers = { ...PAGE_HEADERS, 'content-security-policy': policy };
  const page: HttpAnswer = { status: 200, headers, body: html };
  const pageAtRoot: HttpAnswer = { ...page, headers: { ...headers, ...AT_ROOT } };
  return [
    { path: '/graphiql', methods: READ_ONLY, handle: (exchange) => exchange.answer(page) },
    {
      path: '/',
      methods: READ_ONLY,
      handle: (exchange) => exchange.answer(exchange.headers.accept?.includes('text/html') ? pageAtRoot : atRoot),
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
  if (file === null) return exchange.refuse({ status: 404, code: 'NOT_FOUND', message: 'Nothing is served here.' });
  const isKnown = headers['if-none-match'] === file.headers.etag;
  exchange.answer({
    status: isKnown ? 304 : 200,
    headers: { ...file.headers, ...ASSET_HEADERS },
    ...(!isKnown && { body: file.content }),
  });
}
