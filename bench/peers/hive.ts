/** Hive Gateway over the OpenAPI document: nothing written by hand but the join of a snapshot with its volume. */
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { composeSupergraph } from './hive-compose.ts';
import type { Row } from './schema.ts';
import { uuidIn } from './schema.ts';
import { announce, UPSTREAM } from './serve.ts';

interface JoinContext {
  waldur: { Query: { retrieveVolume(request: object): unknown } };
}

const gateway = createGatewayRuntime({
  supergraph: await composeSupergraph(),
  transportEntries: { waldur: { location: `${UPSTREAM}/api` } },
  logging: false,
  graphiql: false,
  landingPage: false,
  additionalTypeDefs: /* GraphQL */ `
    extend type Snapshot { sourceVolume: Volume }
  `,
  additionalResolvers: {
    Snapshot: {
      sourceVolume: {
        selectionSet: '{ source_volume }',
        resolve: (root: Row, _: unknown, context: JoinContext, info: unknown) =>
          root.source_volume === null
            ? null
            : context.waldur.Query.retrieveVolume({ root, args: { uuid: uuidIn(root.source_volume) }, context, info }),
      },
    },
  } as never,
});
const server = createServer(gateway);
server.listen(0, '127.0.0.1', () => announce(server.address()));
