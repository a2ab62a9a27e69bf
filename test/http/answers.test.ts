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
  ])('%s has headers against framing, MIME sniffing and referrers', async (path) => {
    const { headers } = await fetch(gateway().url + path);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-store',
    });
    expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull();
  });

  it('the page may not be framed, whichever header a browser supports', async () => {
    const { headers } = await fetch(`${gateway().url}/graphiql`, { headers: { accept: 'text/html' } });
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });
});

describe('a POST from a page', () => {
  it.each([
    ['http://localhost:5173', 'http://localhost:5173'],
    ['https://elsewhere.example', undefined],
    ['null', undefined],
  ])('of %s may be read by %s', async (origin, reader) => {
    const [answer, otherwise] = await Promise.all(
      ['application/json', 'Application/JSON'].map(async (type) => {
        const headers = { origin, 'content-type': type, 'x-request-id': 'same' };
        const response = await fetch(`${gateway().url}/graphql`, {
          method: 'POST',
          headers,
          body: '{"query":"{__typename}"}',
        });
        const { date: _, ...rest } = Object.fromEntries(response.headers);
        return { status: response.status, body: await response.text(), headers: rest };
      }),
    );
    expect(otherwise).toEqual(answer);
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('{"data":{"__typename":"Query"}}') });
    expect(answer?.headers['access-control-allow-origin']).toBe(reader);
    expect(answer?.headers['access-control-expose-headers']).toBe(reader && 'X-Request-Id, Retry-After');
    expect(answer?.headers.vary).toBe('Origin');
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
