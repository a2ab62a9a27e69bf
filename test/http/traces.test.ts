import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, expect, it, vi } from 'vitest';
import { useProcesses } from '../faults/support/process.ts';
import { at, type JsonValue, tokenOf, useGateway } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';

interface Received {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

/** A collector: receives spans by OTLP over HTTP. */
const texts: string[] = [];
const collector = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  if (request.url === '/v1/traces') texts.push(text);
  response.end('{}');
}).listen(0, '127.0.0.1');
await once(collector, 'listening');
const address = collector.address();
if (address === null || typeof address === 'string') throw new Error('no port');
afterAll(() => void collector.close());

const lists = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : []);
const spans = (): Received[] =>
  texts.flatMap((text) =>
    lists(at(JSON.parse(text) as JsonValue, 'resourceSpans')).flatMap((resource) =>
      lists(at(resource, 'scopeSpans')).flatMap((scope) => lists(at(scope, 'spans'))),
    ),
  ) as unknown as Received[];

const gateway = useGateway({ otlpEndpoint: `http://127.0.0.1:${address.port}` });
/** The SDK sends spans every 5 s. */
const PATIENCE = { timeout: 20_000, interval: 50 };

it('a trace of a client continues through request, operation and call to Waldur; it shows no token, document or variable', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  await gateway().query(
    'query Traced($name: String) { snapshots(filter: { name: $name }) { totalCount secretAlias: totalCount } }',
    {
      variables: { name: 'canary-variable' },
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    },
  );
  const call = (await gateway().requests()).find(({ path }) => path.includes('openstack-snapshots'));
  const socket = await openSocket(gateway().url);
  await socket.init({ Authorization: `Token ${tokenOf('staff')}` });
  socket.send({ id: '1', type: 'subscribe', payload: { query: 'query OnSocket { viewer { username } }' } });
  await socket.until(({ type }) => type === 'complete');
  socket.close();
  await fetch(`${gateway().url}/health/ready`);
  await vi.waitFor(() => expect(spans().map(({ name }) => name)).toContain('query OnSocket'), PATIENCE);
  await vi.waitFor(() => expect(spans().filter((span) => span.traceId === traceId)).toHaveLength(3), PATIENCE);
  const named = (name: string) => spans().find((span) => span.name === name && span.traceId === traceId);
  const request = named('POST /graphql');
  const operation = named('query Traced');
  const rest = spans().find(({ name, traceId: id }) => id === traceId && name.endsWith('/api/openstack-snapshots/'));
  expect(request?.parentSpanId).toBe('00f067aa0ba902b7');
  expect(operation?.parentSpanId).toBe(request?.spanId);
  expect(rest?.parentSpanId).toBe(operation?.spanId);
  expect(call?.headers.traceparent).toBe(`00-${traceId}-${rest?.spanId}-01`);
  const onSocket = spans().find(({ name }) => name === 'query OnSocket');
  expect(spans()).toContainEqual(
    expect.objectContaining({ name: 'GET /api/users/me/', parentSpanId: onSocket?.spanId, traceId: onSocket?.traceId }),
  );
  const all = texts.join('');
  for (const secret of [tokenOf('staff'), 'canary-variable', 'secretAlias', '/health/ready'])
    expect(all).not.toContain(secret);
});

/** Prints the modules of OpenTelemetry that a process loads. prom-client loads the package of its types and interfaces, `api`. */
const WATCH = `data:text/javascript,${encodeURIComponent(
  `import { registerHooks } from 'node:module';
  const load = (url, context, next) => { if (url.includes('/@opentelemetry/') && !url.includes('/@opentelemetry/api/')) console.log('loaded ' + url); return next(url, context); };
  registerHooks({ load });`,
)}`;
const start = useProcesses();

it('the SDK of OpenTelemetry is loaded only while tracing is on', async () => {
  const loaded = async (env: Readonly<Record<string, string>>): Promise<boolean> => {
    const { child, ended, printed } = start({ NODE_OPTIONS: `--import=${WATCH}`, ...env });
    await printed(/GraphQL\s+(http:\S+)\/graphql/);
    child.kill('SIGTERM');
    return (await ended).out.includes('loaded ');
  };
  const endpoint = `http://127.0.0.1:${address.port}`;
  expect(await Promise.all([loaded({}), loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })])).toEqual([false, true]);
});
