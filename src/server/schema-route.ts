import type { FastifyInstance } from 'fastify';

/** `GET /schema.graphql`: the SDL with its costs, for code generators that would rather have a file than an introspection. */
export function routeSchema(app: FastifyInstance, sdl: string): void {
  app.get('/schema.graphql', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(sdl));
}
