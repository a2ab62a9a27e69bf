import type { FastifyInstance } from 'fastify';

export interface HealthOptions {
  /** Whether any HTTP answer comes from the upstream. */
  readonly probe: () => Promise<boolean>;
  /** True from SIGTERM on: no new work, please. */
  readonly isDraining: () => boolean;
  readonly now: () => number;
}

/** How long one answer of the upstream serves for, in ms: a probe every second must not become a call every second. */
const PROBE_EVERY_MS = 5_000;

/**
 * `/health/live`: the process runs. `/health/ready`: it can serve, which is asked of the upstream on demand and never in the
 * background.
 */
export function routeHealth(app: FastifyInstance, { probe, isDraining, now }: HealthOptions): void {
  let last: { at: number; answer: Promise<boolean> } | undefined;
  const upstreamAnswers = (): Promise<boolean> => {
    if (last === undefined || now() - last.at >= PROBE_EVERY_MS) last = { at: now(), answer: probe() };
    return last.answer;
  };
  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    if (isDraining()) return reply.code(503).send({ status: 'draining' });
    if (!(await upstreamAnswers()))
      return reply.code(503).send({ status: 'not ready', reason: 'Waldur does not answer.' });
    return { status: 'ready' };
  });
}
