import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { NO_METRICS } from '../../../src/observability/metrics.ts';
import { createOriginPolicy } from '../../../src/server/cors.ts';
import { MemoryBudget } from '../../../src/server/memory-budget.ts';
import { takeQuickPosts } from '../../../src/server/quick-posts.ts';
import { WholeRequest } from '../../../src/server/whole-request.ts';
import type { Answerer } from '../../../src/transports/http.ts';

const BODY = '{"query":"{ __typename }"}';
const HEADERS = { 'content-type': 'application/json' };
const OWN = 'https://ui.example.org';

/** A server that answers at once, and notes whom. */
async function serve(): Promise<{ server: http.Server; port: number; answered: string[]; framework: string[] }> {
  const [answered, framework]: [string[], string[]] = [[], []];
  const server = http.createServer({ IncomingMessage: WholeRequest }, (request, response) => {
    framework.push(String(request.headers['x-request-id']));
    response.end();
  });
  const answer: Answerer = ({ requestId }, send) => {
    answered.push(requestId);
    return void send({ status: 200, headers: HEADERS, body: '{}' });
  };
  takeQuickPosts(server, {
    answer,
    metrics: NO_METRICS,
    log: { info: () => {}, error: () => {} },
    maxBodyBytes: 1_000,
    origins: createOriginPolicy([OWN], false),
    unread: new MemoryBudget({ mostBytes: 1_048_576, graceMs: 0 }),
    isDraining: () => false,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  return { server, port: (server.address() as AddressInfo).port, answered, framework };
}

const post = (port: number, id: string, headers = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { ...HEADERS, 'x-request-id': id, ...headers },
    body: BODY,
    signal: AbortSignal.timeout(5_000),
  });

it('answers nobody who left while the request waited for its round', async () => {
  const { server, port, answered } = await serve();
  // As Node does when a client leaves, in the moment in which all of its request has come.
  const hasLeft = new Promise<void>((resolve) => {
    server.on('request', (request: WholeRequest, response: http.ServerResponse) => {
      if (request.headers['x-request-id'] !== 'left') return;
      request.push = (piece) => {
        const more = WholeRequest.prototype.push.call(request, piece);
        if (piece === null) resolve(void response.emit('close'));
        return more;
      };
    });
  });
  const left = post(port, 'left').catch(() => 'nothing');
  await hasLeft;
  expect((await post(port, 'stayed')).status).toBe(200);
  expect(answered).toEqual(['stayed']);
  server.closeAllConnections();
  expect(await left).toBe('nothing');
});

it.each([
  [OWN, OWN],
  ['https://elsewhere.example', null],
])('a page of %s needs no framework', async (origin, reader) => {
  const { port, answered, framework } = await serve();
  const { headers } = await post(port, 'page', { origin });
  expect(headers.get('access-control-allow-origin')).toBe(reader);
  expect([answered, framework]).toEqual([['page'], []]);
});

it('takes a request only when its body can still be taken whole', async () => {
  const { port, answered, framework } = await serve();
  const ids = Array.from({ length: 20 }, (_, n) => `n${n}`);
  const requests = ids.map(
    (id) =>
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-request-id: ${id}\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
  );
  const socket = net.connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  socket.write(requests.join(''));
  await expect.poll(() => text.split('HTTP/1.1 200').length - 1).toBe(ids.length);
  expect(answered[0]).toBe('n0');
  expect([...answered, ...framework].sort()).toEqual([...ids].sort());
});
