/**
 * The strongest form of Mercurius that we know: its JIT from the first request on, a keep-alive pool, flat resolvers and `field` lists.
 * Values of leaves are still checked, as ours are.
 */
import fastify from 'fastify';
import { mercurius } from 'mercurius';
import { flatResolvers } from './flat.ts';
import { batchingContext, getWithUndici } from './rest.ts';
import { typeDefs } from './schema.ts';
import { announce } from './serve.ts';

const app = fastify({ logger: false });
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: flatResolvers as never,
  jit: 1,
  context: (request) => batchingContext(getWithUndici(request.headers.authorization)),
});
await app.listen({ port: 0, host: '127.0.0.1' });
announce(app.server.address());
