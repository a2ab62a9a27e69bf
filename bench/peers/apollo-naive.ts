/** Apollo Server as its guide begins: standalone, defaults, fetch in resolvers, no batching. */
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { getWithFetch, naiveContext } from './rest.ts';
import { type PeerContext, resolvers, typeDefs } from './schema.ts';

const server = new ApolloServer<PeerContext>({ typeDefs, resolvers: resolvers as never });
const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: '127.0.0.1' },
  context: async ({ req }) => naiveContext(getWithFetch(req.headers.authorization)),
});
console.log(url);
process.on('disconnect', () => process.exit());
