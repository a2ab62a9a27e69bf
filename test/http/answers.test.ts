import { describe, expect, it, vi } from 'vitest';
import { useGateway } from '../support/gateway.ts';

/** What every answer carries, and what the log keeps of its request. */

const gateway = useGateway();

describe('headers', () => {
  it.each([
    '/',
    '/graphiql',
    '/graphql?query=%7B__typename%7D',
    '/graphql',
    '/metrics',
    '/health/live',
    '/schema.graphql',
    '/nothing',
  ])('%s can be neither framed nor guessed at, and tells nobody where it stood', async (path) => {
    const { headers } = await fetch(gateway().url + path);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-store',
    });
    expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull();
  });

  it('the page may be framed by nobody, whichever header a browser knows', async () => {
    const { headers } = await fetch(`${gateway().url}/graphiql`, { headers: { accept: 'text/html' } });
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });
});

describe('the log', () => {
  it('has one line for a request, with its id once', async () => {
    const from = gateway().log.length;
    await gateway().query('{ __typename }', { headers: { 'x-request-id': 'of-this-test' } });
    const linesOf = () =>
      gateway()
        .log.slice(from)
        .filter((line) => line.includes('of-this-test'));
    await vi.waitFor(() => expect(linesOf()).toHaveLength(1));
    const lines = linesOf();
    expect(lines[0]?.match(/of-this-test/g)).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      requestId: 'of-this-test',
      method: 'POST',
      route: '/graphql',
      status: 200,
      msg: 'request',
    });
    expect(lines[0]).not.toContain('reqId');
  });
});
