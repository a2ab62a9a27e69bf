import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway';

/**
 * Starts Hive Gateway on this machine. It passes the credentials of its client on.
 * @param {object} source `supergraph` or `proxy`, as in its documentation.
 */
export async function startHive(source) {
  const hive = createGatewayRuntime({
    ...source,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get('authorization') ?? '' }),
    },
    logging: false,
    graphiql: false,
    landingPage: false,
  });
  const server = createServer(hive);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/graphql`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await hive.dispose();
    },
  };
}
