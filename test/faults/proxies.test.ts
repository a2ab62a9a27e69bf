import { isIP, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '../../src/config.ts';
import { at, tokenOf, useGateway } from '../support/gateway.ts';
import { ask, TRANSPORTS, type Transport } from './support/transports.ts';

/** Who the client is when proxies stand between, by every transport, as the upstream and the quotas see it. */

const authorization = `Token ${tokenOf('staff')}`;
const QUERY = '{ viewer { uuid } snapshots(first: 1) { totalCount } }';
const REAL = '203.0.113.9';
const FORGED = '198.51.100.7';
const PEER = '127.0.0.1';

const useProxied = (config: Partial<Config> = {}) => {
  const gateway = useGateway({ trustedProxies: ['loopback', '10.0.0.0/8', '2001:db8:ffff::/48'], ...config });
  /** Every X-Forwarded-For that one question brought to the upstream. */
  return async (transport: Transport, headers: Record<string, string>): Promise<(string | undefined)[]> => {
    gateway().simulator.resetStats();
    const { codes } = await ask(gateway().url, transport, { query: QUERY }, { authorization, headers });
    expect(codes).toEqual([]);
    const sent = await gateway().requestsSince(0);
    expect(sent.length).toBeGreaterThan(0);
    return [...new Set(sent.map(({ headers: received }) => received['x-forwarded-for']))];
  };
};

describe('case 50: forged X-Forwarded-For entries before that of an appending trusted proxy', () => {
  const judged = useProxied();
  const rows: readonly [name: string, header: string, address: string][] = [
    ['one forged', `${FORGED}, ${REAL}`, REAL],
    ['through two trusted proxies', `${FORGED}, ${REAL}, 10.1.2.3`, REAL],
    ['with a port', `${FORGED}, ${REAL}:4711`, REAL],
    ['quoted, with spaces', `${FORGED} ,\t "${REAL}:4711"  `, REAL],
    ['IPv6', `${FORGED}, 2001:DB8:0:0::1`, '2001:db8::1'],
    ['IPv6 in brackets', `${FORGED}, [2001:db8::1]`, '2001:db8::1'],
    ['IPv6 with a port, quoted', `${FORGED}, "[2001:DB8::0001]:80"`, '2001:db8::1'],
    ['IPv6 with a zone', `${FORGED}, fe80::1%eth0`, 'fe80::1'],
    ['IPv4 within IPv6', `${FORGED}, ::ffff:${REAL}`, REAL],
    ['IPv4 within IPv6, in hexadecimal', `${FORGED}, [::FFFF:cb00:7109]:80`, REAL],
    ['a trusted proxy with IPv6', `${FORGED}, ${REAL}, 2001:DB8:FFFF:1::5`, REAL],
    ['a trusted proxy as IPv4 within IPv6', `${FORGED}, ${REAL}, ::ffff:10.0.0.1`, REAL],
    ['trusted proxies alone', '10.0.0.9, 10.0.0.1', '10.0.0.9'],
    ['not an address, left of the client', `unknown, ${REAL}`, REAL],
    ['not an address, within the proxies', `${FORGED}, unknown, 10.0.0.1`, '10.0.0.1'],
    ['an empty item', `${FORGED}, , 10.0.0.1`, '10.0.0.1'],
    ['not an address, last', `${FORGED}, unknown`, PEER],
    ['a port that is none', `${FORGED}, ${REAL}:99999`, PEER],
    ['IPv4 in brackets', `${FORGED}, [${REAL}]`, PEER],
    ['a number with zeros before it', `${FORGED}, 203.0.113.09`, PEER],
    ['nothing', '', PEER],
  ];

  it.each(rows)('%s: only the client address is sent upstream', async (_name, header, address) => {
    for (const transport of TRANSPORTS) {
      expect([transport, await judged(transport, { 'x-forwarded-for': header })]).toEqual([transport, [address]]);
    }
  });

  it('Forwarded is not read unless it is configured', async () => {
    for (const transport of TRANSPORTS) {
      expect(await judged(transport, { forwarded: `for=${FORGED}` })).toEqual([PEER]);
    }
  });

  it('all spellings of an address are the same address, whatever is forged before it', async () => {
    const canonical = (address: string): string =>
      isIP(address) === 4
        ? address
        : new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
    const strange = fc
      .oneof(fc.ipV4(), fc.ipV6())
      .filter((address) => !/^(?:127|10|0)\.|^2001:db8:ffff|^(?:0*:)+:?0*1$|^::/i.test(canonical(address)));
    const hop = fc.tuple(strange, fc.constantFrom('plain', 'port', 'brackets', 'mapped', 'upper'), fc.boolean());
    const spell = ([address, how, isQuoted]: [string, string, boolean]): string => {
      const isV6 = isIP(address) === 6;
      const node =
        how === 'port'
          ? isV6
            ? `[${address}]:65535`
            : `${address}:1`
          : how === 'brackets' && isV6
            ? `[${address}]`
            : how === 'mapped' && !isV6
              ? `::ffff:${address}`
              : how === 'upper'
                ? address.toUpperCase()
                : address;
      return isQuoted ? `"${node}"` : node;
    };
    const forged = fc.array(fc.oneof(strange, fc.constantFrom('unknown', '"', '', ',', '127.0.0.1', ';')), {
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(forged, hop, fc.constantFrom(...TRANSPORTS), async (before, real, transport) => {
        const header = [...before, spell(real)].join(', ');
        expect(await judged(transport, { 'x-forwarded-for': header })).toEqual([canonical(real[0])]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('case 50: the same with Forwarded, for proxies that write it', () => {
  const judged = useProxied({ forwardedHeader: 'forwarded' });
  const rows: readonly [header: string, address: string][] = [
    [`for=${FORGED}, for=${REAL};proto=https;by=10.0.0.1`, REAL],
    [`for=${FORGED}, FOR="${REAL}:4711" ; proto=https, for=10.0.0.1`, REAL],
    [`for=${FORGED}, for="[2001:DB8::1]:_port"`, '2001:db8::1'],
    [`for=${FORGED}, proto=https;for=${REAL};host="a, for=${FORGED};for=${FORGED}"`, REAL],
    // A quote that a client leaves open.
    [`for=", for=${REAL}`, REAL],
    [`for=", for="${REAL}"`, REAL],
    [`for=${FORGED}, for=unknown, for=10.0.0.1`, '10.0.0.1'],
    [`for=${FORGED}, for=_hidden`, PEER],
    [`for=${FORGED}, proto=https`, PEER],
    [`for=${FORGED}, for=${REAL};for=${FORGED}`, PEER],
    [`for=${FORGED}, ${REAL}`, PEER],
  ];

  it.each(rows)('%s', async (header, address) => {
    for (const transport of TRANSPORTS) {
      const headers = { forwarded: header, 'x-forwarded-for': FORGED };
      expect([transport, await judged(transport, headers)]).toEqual([transport, [address]]);
    }
  });
});

describe('case 50: a customer that permits only a subnet', () => {
  const gateway = useGateway({ trustedProxies: ['loopback'] });

  it.each(TRANSPORTS)('shows nothing to a client that forges an address of it, over %s', async (transport) => {
    const seen = async (header: string) => {
      const asking = { authorization: `Token ${tokenOf('owner3')}`, headers: { 'x-forwarded-for': header } };
      return at((await ask(gateway().url, transport, { query: QUERY }, asking)).data, 'snapshots', 'totalCount');
    };
    expect(await seen(`${FORGED}, ${REAL}`)).toBe(2);
    expect(await seen(`${REAL}, ${FORGED}`)).toBe(0);
    expect(await seen(`::ffff:${REAL}`)).toBe(2);
  });
});

describe('case 50: several lines of the header', () => {
  const gateway = useGateway({ trustedProxies: ['loopback'] });

  it.each(['/graphql', '/graphql/stream'])('are read in order: %s', async (path) => {
    const lines = [FORGED, `${FORGED}, 198.51.100.8`, REAL].flatMap((value) => ['x-forwarded-for', value]);
    const { body } = await request(gateway().url + path, {
      method: 'POST',
      headers: [...lines, 'authorization', authorization, 'content-type', 'application/json'],
      body: JSON.stringify({ query: QUERY }),
    });
    expect(await body.text()).toContain('"totalCount":');
    const sent = await gateway().requestsSince(0);
    expect(new Set(sent.map(({ headers }) => headers['x-forwarded-for']))).toEqual(new Set([REAL]));
  });
});

describe('case 50: quotas use the client address', () => {
  const gateway = useGateway({ trustedProxies: ['loopback'], maxRequestsPerSecond: 1 }, { now: () => 1_000_000 });

  it.each(TRANSPORTS)('a client cannot become another by forged entries, over %s', async (transport) => {
    // A caller of its own for each transport.
    const real = `203.0.113.${TRANSPORTS.indexOf(transport) + 1}`;
    const from = (header: string) =>
      ask(gateway().url, transport, { query: QUERY }, { authorization, headers: { 'x-forwarded-for': header } });
    expect((await from(`1.1.1.1, ${real}`)).codes).toEqual([]);
    expect((await from(`2.2.2.2, "${real}:80"`)).codes).toEqual(['RATE_LIMITED']);
    expect((await from(`::ffff:${real}`)).codes).toEqual(['RATE_LIMITED']);
    expect((await from(`${real}, 192.0.2.${TRANSPORTS.indexOf(transport) + 1}`)).codes).toEqual([]);
  });
});

describe('a proxy setting that can never match is refused at startup, with its name', () => {
  it.each([
    ...[
      'proxy.example.org',
      'localhost',
      '*',
      '10.0.0.1:80',
      '[::1]',
      '10.0.0.0/33',
      '::1/129',
      '10.0.0.0/',
      '10.0.0.0/+8',
    ],
    ...[
      '10.0.0.0/08',
      '10.0.0.0/255.0.0.0',
      '10.0.0',
      '010.0.0.1',
      'fe80::1%eth0',
      '0.0.0.0',
      '::',
      '224.0.0.1',
      'ff02::1',
    ],
    ...['::ffff:10.0.0.0/8', 'loopback/8', '10.0.0.1 10.0.0.2', '/8', '255.255.255.255', '224.0.0.0/4'],
  ])('%s', (item) => {
    const load = () => loadConfig({ TRUSTED_PROXIES: `10.0.0.1, ${item}` });
    expect(load).toThrow(/^TRUSTED_PROXIES must be [^\n]+\.$/);
    expect(load).toThrow(JSON.stringify(item));
  });

  it.each([',10.0.0.1', '10.0.0.1,', '10.0.0.1,,10.0.0.2', ','])('an empty item: %s', (list) => {
    expect(() => loadConfig({ TRUSTED_PROXIES: list })).toThrow(/^TRUSTED_PROXIES must be .*an empty item/);
  });

  it('a proxy setting that can match is accepted', () => {
    const items = [
      'loopback',
      'Private',
      '10.0.0.5/8',
      '::/0',
      '0.0.0.0/0',
      '2001:DB8::/32',
      '::ffff:10.0.0.0/104',
      'fe80::1',
    ];
    expect(loadConfig({ TRUSTED_PROXIES: items.join(' , ') }).trustedProxies).toEqual(items);
  });
});
