import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenOf } from '../support/gateway.ts';
import { type Ending, exchange, statusOf } from './support/raw-http.ts';
import { fuzz, isLong, TIMEOUT_MS } from './support/run.ts';
import { useTarget } from './support/target.ts';
import { garbage, nastyString } from './support/text.ts';

/** Request lines, headers and bodies as bytes on a connection: what no HTTP client would send, too. */
const BODY = '{"query":"{ snapshots(first: 1) { totalCount } }"}';
const AUTHORIZATION = `Token ${tokenOf('staff')}`;

const methods = fc.constantFrom(
  'POST',
  'POST',
  'GET',
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'TRACE',
  'QUERY',
  'PRI',
  'get',
  '',
);

const targets = fc.oneof(
  fc.constantFrom(
    '/graphql',
    '/graphql',
    '/graphql/',
    '/graphql?query={__typename}',
    '/graphql?query=%7B__typename%7D&variables=%7B%22a%22:1',
    '/graphql?query=%ff%fe&operationName=%',
    '/graphql?query=%7B__typename%7D&query=%7B__typename%7D&variables=null&extensions=[]',
    '/graphql/stream',
    '/graphql/stream?query=%7B__typename%7D&variables=%7B%22a%22:1',
    '/graphql?',
    '/graphql%',
    '//graphql',
    '//',
    'graphql',
    '*',
    'http://[bad/graphql',
    'http://example.org/graphql?query=%7B__typename%7D',
    'https://:0:0/graphql',
    '/graphql/../../etc/passwd',
    '/graphql;x=1',
    '/graphql#x',
    '/schema.graphql',
    '/health/live',
    '/health/ready?x=%',
    '/metrics',
    '/live',
    '/',
    '/graphiql',
    '/%00',
    '/%E0%A4%A',
    `/graphql?query=${'x'.repeat(9_000)}`,
  ),
  nastyString.map((text) => `/${text.replace(/[\r\n]/g, '')}`),
  nastyString.map((text) => `/graphql?query=${encodeURIComponent(text.toWellFormed())}`),
);

/** Values that a header of this name takes; others are taken from all of them. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'Content-Type': [
    'application/json',
    'application/json; charset=utf-8',
    'application/json; charset=utf-16',
    'text/plain',
    'application/graphql',
    'multipart/form-data; boundary=x',
    'application/json;;;=',
    '/',
    '',
  ],
  Accept: [
    '*/*',
    'application/json',
    'application/graphql-response+json',
    'text/html',
    'multipart/mixed; deferSpec=20220824',
    'text/event-stream',
    'application/json;q=x',
    ',,,',
    '',
  ],
  Authorization: [AUTHORIZATION, 'Token', 'Bearer x', 'Token \x80\xff', 'Basic Og==', ''],
  Origin: ['null', 'http://localhost:1', 'http://evil.example', 'http://[', 'file://', ''],
  Host: ['localhost', 'evil.example:99999', '[::1]:80', '', '@'],
  'X-Forwarded-For': ['127.0.0.1', '::ffff:1.2.3.4, x', ',', '%'],
  'X-Impersonated-User-Uuid': ['0'.repeat(32), '../..', ''],
  'X-Request-Id': ['abc', '<script>', ''],
  'X-Explain': ['cost', ''],
  'Accept-Language': ['de', 'de-DE,de;q=0.5,*;q=0', '\xe4'],
  'Accept-Encoding': ['gzip', 'br;q=1.0', 'identity;q=0', '*;q=0'],
  'Content-Encoding': ['gzip', 'x'],
  'Content-Length': ['0', '1', '5000000000', '-1', '1, 1', 'x'],
  'Transfer-Encoding': ['chunked', 'identity', 'gzip, chunked', 'x'],
  Expect: ['100-continue', 'x'],
  Upgrade: ['websocket', 'h2c'],
  Connection: ['Upgrade', 'close', 'keep-alive', 'X'],
  'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'x'],
  'Sec-WebSocket-Version': ['13', '8', 'x'],
  'Sec-WebSocket-Protocol': ['graphql-transport-ws', 'graphql-ws', 'x, graphql-transport-ws', ','],
  'Sec-WebSocket-Extensions': ['permessage-deflate', ';;', 'permessage-deflate; client_max_window_bits=99'],
  'Sec-Fetch-Mode': ['cors', 'navigate', ''],
  'Apollo-Require-Preflight': ['1', ''],
  Range: ['bytes=0-1', 'bytes=-'],
  'If-None-Match': ['*', '"x"'],
  Cookie: ['a=b', ';'.repeat(500)],
  constructor: ['x'],
  ['__proto__']: ['x'],
};

const header = fc
  .constantFrom(...Object.keys(VALUES))
  .chain((name) =>
    fc
      .oneof(
        { weight: 5, arbitrary: fc.constantFrom(...(VALUES[name] ?? [''])) },
        { weight: 1, arbitrary: nastyString },
        { weight: 1, arbitrary: fc.nat(30_000).map((length) => 'x'.repeat(length)) },
      )
      .map((value) => `${name}: ${value}`),
  );

const upgrade = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: graphql-transport-ws',
];

const bodies = fc.oneof(
  { weight: 4, arbitrary: fc.constant(BODY) },
  { weight: 1, arbitrary: garbage },
  fc.constantFrom('', '5\r\nhello\r\n0\r\n\r\n', 'ffffffffff\r\n', '\r\n'),
);

interface Request {
  readonly bytes: string;
  readonly ending: Ending;
}

const wellFormed = fc
  .record({
    method: methods,
    target: targets,
    headers: fc.array(header, { maxLength: 8 }),
    body: bodies,
    opening: fc.nat(9),
    measured: fc.boolean(),
  })
  .map(({ method, target, headers, body, opening, measured }) => {
    const first = opening === 0 ? upgrade : [`Authorization: ${AUTHORIZATION}`, 'Content-Type: application/json'];
    const length = measured ? [`Content-Length: ${Buffer.byteLength(body, 'utf8')}`] : [];
    return `${method} ${target} HTTP/1.1\r\n${['Host: localhost', ...first, ...headers, ...length].join('\r\n')}\r\n\r\n${body}`;
  });

const inputs: fc.Arbitrary<Request> = fc.record({
  bytes: fc.oneof(
    { weight: 8, arbitrary: wellFormed },
    {
      weight: 1,
      arbitrary: fc
        .tuple(wellFormed, fc.double({ min: 0, max: 1, noNaN: true }))
        .map(([text, share]) => text.slice(0, share * text.length)),
    },
    { weight: 1, arbitrary: garbage },
  ),
  ending: fc.constantFrom('half-close', 'half-close', 'half-close', 'reset-at-once', 'reset-on-answer'),
});

const INTERNALS = /node_modules|node:internal|\.ts:\d+/;

describe('requests as bytes', () => {
  const target = useTarget();

  it(
    'are answered or disconnected',
    async () => {
      const { slope, endMiB, warmMiB } = await fuzz({
        subject: 'headers',
        share: 0.18,
        inputs,
        send: async ({ bytes, ending }) => {
          const answer = await exchange(Number(new URL(target().running.url).port), Buffer.from(bytes), ending);
          if (answer === undefined) return `neither an answer nor an end: ${JSON.stringify(bytes)}`;
          if ((statusOf(answer) ?? 0) >= 500 || INTERNALS.test(answer)) return answer.slice(0, 1_000);
          return undefined;
        },
        between: () => target().settle(),
      });
      expect(endMiB - warmMiB).toBeLessThan(32);
      if (isLong) expect(slope).toBeLessThan(200);
    },
    TIMEOUT_MS,
  );
});
