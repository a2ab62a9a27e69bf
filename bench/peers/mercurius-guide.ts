/** Mercurius as its guide shows it: a resolver for each renamed field, whole rows; JIT from the first request on, DataLoader and undici. */
import fastify from 'fastify';
import { mercurius } from 'mercurius';
import { batchingContext, getWithUndici } from './rest.ts';
import { resolvers, typeDefs } from './schema.ts';
import { announce } from './serve.ts';

const app = fastify({ logger: false });
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: resolvers as never,
  jit: 1,
  context: (request) => batchingContext(getWithUndici(request.headers.authorization)),
});
await app.listen({ port: 0, host: '127.0.0.1' });
announce(app.server.address());
