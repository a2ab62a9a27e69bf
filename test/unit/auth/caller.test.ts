import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallerRules, readCaller } from '../../../src/auth/caller.ts';

const forwardedHeader = 'x-forwarded-for';
const closed = { impersonation: false, isTrustedProxy: () => false, forwardedHeader } as const;
const open = {
  impersonation: true,
  isTrustedProxy: (address: string) => address === '10.0.0.1',
  forwardedHeader,
} as const;
const uuid = 'a'.repeat(32);

describe('caller', () => {
  it('passes the credentials on unchanged', () => {
    const caller = readCaller({ authorization: 'Token abc', remoteAddress: '127.0.0.1' }, closed);
    expect(caller.authenticated).toBe(true);
    expect(caller.headers).toEqual({ authorization: 'Token abc', 'x-forwarded-for': '127.0.0.1' });
  });

  it('sends them in one spelling', () => {
    const keys = ['Token abc', 'tOKEN abc', 'TOKEN   abc', '  Token abc  '].map((authorization) => {
      const caller = readCaller({ authorization, remoteAddress: '127.0.0.1' }, closed);
      expect(caller.headers.authorization).toBe('Token abc');
      return caller.key;
    });
    expect(new Set(keys).size).toBe(1);
  });

  it.each([
    '',
    '  ',
    'Token',
    'token ',
    'Bearer  ',
    'Token a\r\nX: y',
    'Token \0',
    'Token ä',
    'Token\ta',
    'T'.repeat(5000),
  ])('takes %j for no credentials', (authorization) => {
    const caller = readCaller({ authorization, remoteAddress: '127.0.0.1' }, closed);
    expect(caller.authenticated).toBe(false);
    expect(JSON.stringify(caller.headers)).not.toContain('Token');
  });

  it('trusts X-Forwarded-For only from trusted proxies, and never sends it empty', () => {
    const source = { authorization: 'Token a', forwardedFor: '198.51.100.1, 203.0.113.9' };
    expect(readCaller({ ...source, remoteAddress: '::ffff:10.0.0.1' }, open).headers['x-forwarded-for']).toBe(
      '203.0.113.9',
    );
    expect(readCaller({ ...source, remoteAddress: '10.0.0.2' }, open).headers['x-forwarded-for']).toBe('10.0.0.2');
    expect(
      readCaller({ ...source, forwardedFor: '', remoteAddress: '10.0.0.1' }, open).headers['x-forwarded-for'],
    ).toBe('10.0.0.1');
  });

  it('a caller with an unknown address is not authenticated: Waldur would use the address of the gateway', () => {
    const { authenticated, headers } = readCaller({ authorization: 'Token a', remoteAddress: '' }, closed);
    expect([authenticated, headers]).toEqual([false, {}]);
  });

  it('passes impersonation on only when enabled and only a uuid; otherwise nothing may run', () => {
    const source = { authorization: 'Token a', remoteAddress: '127.0.0.1' };
    const read = (impersonatedUser: string | undefined, rules: CallerRules = open) => {
      const { headers, refusal } = readCaller({ ...source, impersonatedUser }, rules);
      return [headers['x-impersonated-user-uuid'], refusal?.code];
    };
    expect(read(uuid)).toEqual([uuid, undefined]);
    expect(read(undefined)).toEqual([undefined, undefined]);
    expect(read(uuid, closed)).toEqual([undefined, 'FORBIDDEN']);
    for (const value of ['../x', '', `${uuid}, ${uuid}`]) expect(read(value)).toEqual([undefined, 'BAD_USER_INPUT']);
  });

  it('different credentials, addresses or impersonated users never share a key', () => {
    const address = fc.ipV4();
    const token = fc.stringMatching(/^[0-9a-f]{8}$/);
    const source = fc.record({
      authorization: token,
      remoteAddress: address,
      impersonatedUser: fc.constantFrom(undefined, uuid, 'b'.repeat(32)),
    });
    fc.assert(
      fc.property(source, source, (a, b) => {
        const same =
          a.authorization === b.authorization &&
          a.remoteAddress === b.remoteAddress &&
          a.impersonatedUser === b.impersonatedUser;
        expect(readCaller(a, open).key === readCaller(b, open).key).toBe(same);
        expect(readCaller(a, open).key).not.toContain(a.authorization);
      }),
    );
  });
});
