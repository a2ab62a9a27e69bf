import type { FastifyInstance } from 'fastify';
import { type GraphQLSchema, printSchema } from 'graphql';

/** `GET /schema.graphql`: the SDL, for code generators that would rather have a file than an introspection. */
export function routeSchema(app: FastifyInstance, schema: GraphQLSchema): void {
  const sdl = `${printSchema(schema)}\n`;
  app.get('/schema.graphql', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(sdl));
}
