import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { GraphqlRequest } from '../../../src/http/answer.ts';
import { createOriginRule } from '../../../src/http/origins.ts';
import { takeQuickPosts } from '../../../src/http/quick-posts.ts';
import { NO_METRICS } from '../../../src/observability/metrics.ts';

const BODY = '{"query":"{ __typename }"}';
const HEADERS = { 'content-type': 'application/json' };

it('answers nobody who left while the request waited for its round', async () => {
  const answered: string[] = [];
  const server = http.createServer(() => {});
  takeQuickPosts(server, {
    answer: ({ requestId }: GraphqlRequest, send) => {
      answered.push(requestId);
      return void send({ status: 200, headers: HEADERS, body: '{}' });
    },
    metrics: NO_METRICS,
    log: { info: () => {}, error: () => {} },
    maxBodyBytes: 1_000,
    origins: createOriginRule([], false),
    isDraining: () => false,
  });
  // As Node does when a client leaves, in the moment in which all of its request has come.
  const hasLeft = new Promise<void>((resolve) => {
    server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
      if (request.headers['x-request-id'] === 'left') request.on('end', () => resolve(void response.emit('close')));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  const post = (id: string): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { ...HEADERS, 'x-request-id': id },
      body: BODY,
      signal: AbortSignal.timeout(5_000),
    });

  const left = post('left').catch(() => 'nothing');
  await hasLeft;
  const stayed = await post('stayed');
  expect(stayed.status).toBe(200);
  expect(answered).toEqual(['stayed']);
  server.closeAllConnections();
  expect(await left).toBe('nothing');
});
