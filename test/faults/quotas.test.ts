import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { tokenOf, useGateway } from '../support/gateway.ts';
import { ask, TRANSPORTS, type Transport } from './support/transports.ts';

/** One caller keeps one allowance, however it spells its credentials and whatever address it claims. */

const QUERY = '{ viewer { uuid } }';
let now = performance.now();
const useLimited = (trustedProxies: readonly string[]) =>
  useGateway({ maxRequestsPerSecond: 1, trustedProxies }, { now: () => now });
/** Credentials in the list of requests of the embedded Waldur. */
const shown = (secret: string): string => `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 12)}`;
const rest = () => {
  now += 60_000;
};

const codesOf = async (
  url: string,
  transport: Transport,
  authorization: string,
  headers: Record<string, string> = {},
) => (await ask(url, transport, { query: QUERY }, { authorization, headers })).codes;

describe('case 68: another spelling of the credentials is the same caller', () => {
  const gateway = useLimited([]);
  const token = tokenOf('staff');
  const SPELLINGS = [
    ...[`token ${token}`, `tOKEN ${token}`, `TOKEN ${token}`, `Token  ${token}`, `Token     ${token}`],
    ...[` Token ${token}`, `Token ${token}  `, `  toKen    ${token} `],
  ];

  it.each(TRANSPORTS)('over %s', async (transport) => {
    for (const spelling of SPELLINGS) {
      rest();
      gateway().simulator.resetStats();
      // It works, and is sent to Waldur in one spelling.
      expect([spelling, await codesOf(gateway().url, transport, spelling)]).toEqual([spelling, []]);
      expect((await gateway().requests()).at(-1)?.headers.authorization).toBe(`Token ${shown(token)}`);
      expect([spelling, await codesOf(gateway().url, transport, `Token ${token}`)]).toEqual([
        spelling,
        ['RATE_LIMITED'],
      ]);
      expect([spelling, await codesOf(gateway().url, transport, spelling)]).toEqual([spelling, ['RATE_LIMITED']]);
    }
  });

  it('Bearer, and schemes that Waldur does not know', async () => {
    for (const [one, other] of [
      ['Bearer w_Ab', 'bEARER   w_Ab'],
      ['Basic Og==', 'BASIC  Og=='],
    ] as const) {
      rest();
      expect(await codesOf(gateway().url, 'HTTP', one)).toEqual(['UNAUTHENTICATED']);
      expect(await codesOf(gateway().url, 'HTTP', other)).toEqual(['RATE_LIMITED']);
    }
    expect((await gateway().requests()).map(({ headers }) => headers.authorization)).toEqual(
      expect.arrayContaining([`Bearer ${shown('w_Ab')}`, `Basic ${shown('Og==')}`]),
    );
  });

  it('the same token in another case is another token', async () => {
    rest();
    expect(await codesOf(gateway().url, 'HTTP', 'Token abc')).toEqual(['UNAUTHENTICATED']);
    expect(await codesOf(gateway().url, 'HTTP', 'Token ABC')).toEqual(['UNAUTHENTICATED']);
  });
});

const FORGED: readonly Record<string, string>[] = [
  { 'x-forwarded-for': '198.51.100.7' },
  { 'x-forwarded-for': '198.51.100.8, 198.51.100.9' },
  { forwarded: 'for=198.51.100.7' },
  { 'x-real-ip': '198.51.100.7', 'true-client-ip': '198.51.100.7', 'cf-connecting-ip': '198.51.100.7' },
  { 'x-client-ip': '198.51.100.7', 'x-cluster-client-ip': '198.51.100.7' },
];

describe('case 68: a forged address is the same caller', () => {
  const direct = useLimited([]);
  const proxied = useLimited(['loopback']);
  const authorization = `Token ${tokenOf('staff')}`;

  it.each(TRANSPORTS)('without trusted proxies, over %s', async (transport) => {
    rest();
    expect(await codesOf(direct().url, transport, authorization)).toEqual([]);
    for (const headers of FORGED) {
      expect(await codesOf(direct().url, transport, authorization, headers)).toEqual(['RATE_LIMITED']);
    }
  });

  it.each(TRANSPORTS)('behind a trusted proxy that appends, over %s', async (transport) => {
    rest();
    const from = (headers: Record<string, string>, real: string) => {
      const before = headers['x-forwarded-for'];
      const forwardedFor = before === undefined ? real : `${before}, ${real}`;
      return codesOf(proxied().url, transport, authorization, { ...headers, 'x-forwarded-for': forwardedFor });
    };
    expect(await from({}, '2001:db8::9')).toEqual([]);
    for (const headers of FORGED) {
      for (const spelling of ['2001:DB8:0:0::9', '[2001:db8::9]', '"[2001:0db8::0009]:80"', '2001:db8::9%eth0']) {
        expect([spelling, await from(headers, spelling)]).toEqual([spelling, ['RATE_LIMITED']]);
      }
    }
    expect(await from({}, '203.0.113.9')).toEqual([]);
    for (const spelling of [
      '::ffff:203.0.113.9',
      '[::FFFF:cb00:7109]',
      '0:0:0:0:0:ffff:203.0.113.9',
      '203.0.113.9:1',
    ]) {
      expect([spelling, await from({}, spelling)]).toEqual([spelling, ['RATE_LIMITED']]);
    }
  });
});
