/**
 * The load generator that others use, in a process of its own beside ours. Answers each message, the requests of every connection and
 * for how long, with what it counted.
 */
import autocannon from 'autocannon';
import type { Counted, Shots } from '../queries/generators.ts';

/** How often it looks whether the time is over, in ms. */
const SAMPLE_MS = 50;

process.on('message', async ({ port, forMs, connections }: Shots) => {
  let next = 0;
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections: connections.length,
    duration: forMs / 1000,
    sampleInt: SAMPLE_MS,
    setupClient(client) {
      client.setRequests((connections[next++] ?? []).map(({ target, ...request }) => ({ ...request, path: target })));
    },
  });
  const counted: Counted = {
    answers: result['2xx'],
    bad: result.non2xx + result.errors + result.timeouts,
    tookMs: result.duration * 1000,
    bytes: result.throughput.total,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
  process.send?.(counted);
});
process.on('disconnect', () => process.exit());
