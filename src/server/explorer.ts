import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { getStaticFile } from 'ruru/static';
import { ASSETS, explorerPage } from './explorer/page.ts';
import { refuse } from './http-server.ts';

export interface ExplorerOptions {
  /** Value of the Authorization header that the header editor starts with; undefined: left to the person. */
  readonly authorization: string | undefined;
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

/**
 * GraphiQL at `/` (to a browser; programs get a pointer to the API) and `/graphiql`. Page and assets come from here and nothing is
 * asked of another host: many clouds have no way out.
 */
export function routeExplorer(app: FastifyInstance, { authorization }: ExplorerOptions): void {
  const { html, policy } = explorerPage(authorization);
  const sendPage = (reply: FastifyReply): FastifyReply =>
    reply.headers(PAGE_HEADERS).header('content-security-policy', policy).send(html);

  app.get('/graphiql', (_request, reply) => sendPage(reply));
  app.get('/', (request, reply) => {
    reply.header('vary', 'Origin, Accept');
    if (request.headers.accept?.includes('text/html')) return sendPage(reply);
    return reply.send({ graphql: '/graphql', explorer: '/graphiql' });
  });
  app.get(`${ASSETS}*`, sendAsset);
}

async function sendAsset(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const file = await getStaticFile({
    staticPath: ASSETS,
    urlPath: request.url,
    acceptEncoding: request.headers['accept-encoding'],
    disallowDevAssets: true,
  });
  if (file === null) return refuse(reply, { status: 404, code: 'NOT_FOUND', message: 'Nothing is served here.' });
  reply.headers({ ...file.headers, ...ASSET_HEADERS });
  return request.headers['if-none-match'] === file.headers.etag ? reply.code(304).send() : reply.send(file.content);
}
