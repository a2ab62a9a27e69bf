import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type RuruClientConfig, ruruHTML } from 'ruru/server';
import { getStaticFile } from 'ruru/static';
import { EXAMPLES, type Example } from './examples.ts';
import { refuse } from './server.ts';

export interface ExplorerOptions {
  /** Filled into the header editor; undefined: left to the person. */
  readonly authorization: string | undefined;
}

const STATIC = '/graphiql/static/';
/** Where GraphiQL keeps its tabs; those of a person who was here before are not touched. */
const TABS_KEY = 'graphiql:tabState';

/**
 * GraphiQL at `/` (to a browser) and `/graphiql`. Page and assets come from here and nothing is asked of another host: many clouds have
 * no way out.
 */
export function routeExplorer(app: FastifyInstance, { authorization }: ExplorerOptions): void {
  const headers = authorization === undefined ? '{}' : JSON.stringify({ Authorization: authorization }, null, 2);
  const page = (reply: FastifyReply): FastifyReply => {
    const nonce = randomBytes(18).toString('base64');
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policy(nonce))
      .header('referrer-policy', 'no-referrer')
      .header('x-frame-options', 'DENY')
      .send(pageWith(nonce, headers));
  };
  app.get('/graphiql', (_request, reply) => page(reply));
  app.get('/', (request, reply) => {
    if (request.headers.accept?.includes('text/html')) return page(reply);
    return reply.send({ graphql: '/graphql', explorer: '/graphiql' });
  });
  app.get(`${STATIC}*`, sendAsset);
}

/** Scripts run only when they carry the page's nonce or come from here; the editor needs styles of its own making and workers. */
const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

function pageWith(nonce: string, headers: string): string {
  const clientConfig: Partial<RuruClientConfig> = {
    initialHeaders: headers,
    defaultHeaders: headers,
    defaultQuery: EXAMPLES[0].query,
    isHeadersEditorEnabled: true,
  };
  const html = ruruHTML({
    staticPath: STATIC,
    endpoint: '/graphql',
    subscriptionEndpoint: '/graphql',
    // The package's type wants every property named; each of them has a default.
    clientConfig: clientConfig as RuruClientConfig,
    htmlParts: {
      titleTag: '<title>Waldur snapshots: GraphiQL</title>',
      configScript: (original) => `<script>${seedTabs(headers)}</script>${original}`,
    },
  });
  return html.replaceAll('<script', `<script nonce="${nonce}"`);
}

/** Opens the examples as tabs for a person who has none yet. */
function seedTabs(headers: string): string {
  const tabs = EXAMPLES.map(({ title, query, variables }: Example, i) => ({
    id: `example-${i}`,
    hash: null,
    title,
    query,
    variables: variables === undefined ? null : JSON.stringify(variables, null, 2),
    headers,
    operationName: title,
    response: null,
  }));
  const state = JSON.stringify(JSON.stringify({ tabs, activeTabIndex: 0 })).replaceAll('<', '\\u003c');
  return `if (!localStorage.getItem('${TABS_KEY}')) localStorage.setItem('${TABS_KEY}', ${state});`;
}

async function sendAsset(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const file = await getStaticFile({
    staticPath: STATIC,
    urlPath: new URL(request.url, 'http://localhost').pathname,
    acceptEncoding: request.headers['accept-encoding'],
    disallowDevAssets: true,
  });
  if (file === null) {
    return refuse(reply, { status: 404, code: 'NOT_FOUND', message: 'Nothing is served here.' });
  }
  // Assets belong to the version of the gateway that serves the page, and are the same for everybody.
  return reply.headers({ ...file.headers, 'cache-control': 'public, max-age=3600' }).send(file.content);
}
