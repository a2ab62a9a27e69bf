import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { useProcesses } from './support/process.ts';

/** Settings that the operator would believe to have an effect. */

const MESSAGE = (variable: string) => new RegExp(`^${variable} must be [^\\n]+\\.$`);

describe('case 74: settings that can never match are refused at start by name', () => {
  const start = useProcesses();

  it('in one line, with exit code 1', async () => {
    const rows = { ALLOWED_ORIGINS: '*', HOST: '10.0.0.0/8', TRUSTED_PROXIES: 'proxy.example.org' };
    for (const [variable, value] of Object.entries(rows)) {
      const { code, out, err } = await start({ [variable]: value }).ended;
      expect([variable, code, out, err.trimEnd().split('\n')]).toEqual([
        ...[variable, 1, ''],
        [expect.stringMatching(MESSAGE(variable))],
      ]);
      expect(err).toContain(JSON.stringify(value));
    }
  });

  it.each<[item: string, hint: RegExp]>([
    ['*', /list each/],
    ['null', /origin/],
    ['ui.example.org', /https:\/\/ui\.example\.org/],
    ['localhost:5173', /scheme/],
    ['//ui.example.org', /scheme/],
    ['https:ui.example.org', /scheme/],
    ['https://*.example.org', /wildcard/i],
    ['https://ui.example.org/', /"https:\/\/ui\.example\.org"/],
    ['https://ui.example.org/app', /"https:\/\/ui\.example\.org"/],
    ['https://UI.example.org:443/app', /"https:\/\/ui\.example\.org"/],
    ['https://ui.example.org?x=1', /"https:\/\/ui\.example\.org"/],
    ['https://ui.example.org#x', /"https:\/\/ui\.example\.org"/],
    ['wss://ui.example.org', /http/],
    ['ftp://ui.example.org', /http/],
    ['file:///srv/ui', /http/],
    ['https://ui.example.org https://b.example', /URL/],
    ['https://ui.example.org:99999', /URL/],
    ['https://', /URL/],
    ['https://10.0.0.0/8', /"https:\/\/10\.0\.0\.0"/],
    ['10.0.0.0/8', /scheme/],
  ])('ALLOWED_ORIGINS=%s', (item, hint) => {
    const load = () => loadConfig({ ALLOWED_ORIGINS: `https://a.example, ${item}` });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(MESSAGE('ALLOWED_ORIGINS'));
    expect(load).toThrow(hint);
    expect(load).toThrow(JSON.stringify(item));
  });

  it('the password of an origin is not repeated', () => {
    for (const item of [
      'https://me:hunter2@ui.example.org',
      'https://me:/hunter2@ui.example.org',
      'me:hunter2@b.example',
    ]) {
      const load = () => loadConfig({ ALLOWED_ORIGINS: item });
      expect(load).toThrow(MESSAGE('ALLOWED_ORIGINS'));
      expect(load).not.toThrow(/hunter2/);
    }
  });

  it('origins are taken in the spelling of browsers', () => {
    const given =
      'HTTPS://UI.Example.org, https://b.example:443,http://c.example:80 , http://[2001:DB8::1]:8080, https://bücher.example,';
    expect(loadConfig({ ALLOWED_ORIGINS: given }).allowedOrigins).toEqual([
      ...['https://ui.example.org', 'https://b.example', 'http://c.example', 'http://[2001:db8::1]:8080'],
      'https://xn--bcher-kva.example',
    ]);
  });

  it.each<[variable: string, value: string]>([
    ...[
      '*',
      'X Tenant',
      'X-Tenant:',
      'X-Tenänt',
      '"x"',
      'X-A;X-B',
      'Cookie',
      'host',
      'Sec-Fetch-Mode',
      'Proxy-Authorization',
    ].map((item): [string, string] => ['ALLOWED_HEADERS', item]),
    ...[
      '0.0.0.0/0',
      '10.0.0.0/8',
      'http://0.0.0.0',
      '0.0.0.0:4000',
      '[::]',
      '*',
      '10.0.0',
      '256.0.0.1',
      'a b',
      'loopback/8',
      '-',
    ].map((item): [string, string] => ['HOST', item]),
    ...[
      'https://*.example.org',
      'https://waldur.example.org/api/#x',
      'https://waldur.example.org?',
      'https://:secret@waldur.example.org',
    ].map((item): [string, string] => ['WALDUR_API_URL', item]),
    ...['redis:6379', 'redis://', 'redis:///0', 'redis://cache/name', 'redis://*:6379', 'http://cache:6379'].map(
      (item): [string, string] => ['REDIS_URL', item],
    ),
    ...['snapshots', 'https://ui.example.org/snapshots', '/a b', '/a//b', '/../a', '/./a', '/a?b', '/%61', '/*'].map(
      (item): [string, string] => ['BASE_PATH', item],
    ),
    ...['proxy.example.org', 'https://10.0.0.1', '*.example.org'].map((item): [string, string] => [
      'TRUSTED_PROXIES',
      item,
    ]),
  ])('%s=%s', (variable, value) => {
    const load = () => loadConfig({ [variable]: value });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(MESSAGE(variable));
  });

  it.each([
    ['HOST', ['0.0.0.0', '::', '::1', '127.0.0.1', 'localhost', 'gateway_1.internal', 'fe80::1%eth0']],
    ['ALLOWED_HEADERS', ['X-Tenant', 'b3, x-b3-traceid,']],
    ['REDIS_URL', ['redis://cache', 'rediss://user:secret@cache:6380/2', 'redis://[::1]:6379/0']],
    ['BASE_PATH', ['/', '/snapshots', '/a/b_c/', '/v1.0']],
    ['WALDUR_API_URL', ['https://waldur.example.org', 'http://10.0.0.1:8080/api/']],
  ])('%s: what can match is taken', (variable, values) => {
    for (const value of values) expect(() => loadConfig({ [variable]: value })).not.toThrow();
  });
});
