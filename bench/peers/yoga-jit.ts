/** GraphQL Yoga on node:http with JIT, DataLoader and undici. */
import { createServer } from 'node:http';
import { useGraphQlJit } from '@envelop/graphql-jit';
import { createSchema, createYoga } from 'graphql-yoga';
import { flatResolvers } from './flat.ts';
import { batchingContext, getWithUndici } from './rest.ts';
import { typeDefs } from './schema.ts';
import { announce } from './serve.ts';

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers: flatResolvers as never }),
  logging: false,
  graphiql: false,
  plugins: [useGraphQlJit()],
  context: ({ request }) => batchingContext(getWithUndici(request.headers.get('authorization') ?? undefined)),
});
const server = createServer(yoga);
server.listen(0, '127.0.0.1', () => announce(server.address()));
