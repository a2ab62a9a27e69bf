/** Apollo Server on Fastify with DataLoader and undici. */
import { ApolloServer } from '@apollo/server';
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify';
import fastify from 'fastify';
import { flatResolvers } from './flat.ts';
import { batchingContext, getWithUndici } from './rest.ts';
import { type PeerContext, typeDefs } from './schema.ts';
import { announce } from './serve.ts';

const app = fastify({ logger: false });
const server = new ApolloServer<PeerContext>({
  typeDefs,
  resolvers: flatResolvers as never,
  plugins: [fastifyApolloDrainPlugin(app)],
});
await server.start();
await app.register(fastifyApollo(server), {
  context: async (request) => batchingContext(getWithUndici(request.headers.authorization)),
});
await app.listen({ port: 0, host: '127.0.0.1' });
announce(app.server.address());
