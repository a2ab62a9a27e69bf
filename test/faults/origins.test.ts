import { request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigError, configWith, loadConfig } from '../../src/config.ts';
import { createGateway } from '../../src/gateway.ts';
import { type Running, useGateway } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';
import { useProcesses } from './support/process.ts';

/** Which web pages may use the gateway: its own behind every kind of proxy, and those that are listed. */

type Headers = Readonly<Record<string, string>>;

/** Whether a page may open a socket, and whether it may read responses. */
async function admitted(url: string, origin: string, headers: Headers): Promise<{ socket: boolean; http: boolean }> {
  const all = { ...headers, origin };
  const socket = await openSocket(url, { headers: all }).then(
    (opened) => {
      opened.close();
      return true;
    },
    (error: Error) => {
      expect(error.message).toBe('403');
      return false;
    },
  );
  const preflight = await request(`${url}/graphql`, {
    method: 'OPTIONS',
    headers: { ...all, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
  });
  await preflight.body.dump();
  const allowed = preflight.headers['access-control-allow-origin'];
  expect([undefined, origin]).toContain(allowed);
  expect(preflight.headers['access-control-allow-headers'] !== undefined).toBe(allowed !== undefined);
  return { socket, http: allowed === origin };
}

const BOTH = { socket: true, http: true };
const NEITHER = { socket: false, http: false };
const CLIENT = '203.0.113.9';
const UI = 'https://ui.example.org';
/** Host as a proxy sends it that names its target. */
const TARGET = { host: 'gateway:4000', 'x-forwarded-for': CLIENT };

const MESSAGE = (variable: string) => new RegExp(`^${variable} must be [^\\n]+\\.$`);

const linesOf = (running: Running, mark: string): Record<string, unknown>[] =>
  running.log.filter((line) => line.includes(mark)).map((line) => JSON.parse(line) as Record<string, unknown>);

describe('case 73: the gateway’s own pages behind a trusted proxy', () => {
  const gateway = useGateway({ trustedProxies: ['loopback', '10.0.0.0/8'] });

  it.each<[name: string, origin: string, headers: Headers]>([
    ['nginx, its default Host, $host', UI, { ...TARGET, 'x-forwarded-host': 'ui.example.org' }],
    [
      'nginx, $http_host with a port',
      `${UI}:8443`,
      { ...TARGET, 'x-forwarded-host': 'ui.example.org:8443', 'x-forwarded-proto': 'https' },
    ],
    [
      'nginx, $host and $server_port',
      `${UI}:8443`,
      { ...TARGET, 'x-forwarded-host': 'ui.example.org', 'x-forwarded-port': '8443', 'x-forwarded-proto': 'https' },
    ],
    ['nginx, Host $host:$server_port', UI, { ...TARGET, host: 'ui.example.org:443' }],
    ['the same without TLS', 'http://ui.example.org', { ...TARGET, host: 'ui.example.org:80' }],
    [
      'nginx, Host $host beside another port',
      `${UI}:8443`,
      { ...TARGET, host: 'ui.example.org', 'x-forwarded-port': '8443' },
    ],
    [
      'Traefik, which names the scheme of a socket',
      UI,
      {
        ...TARGET,
        host: 'ui.example.org',
        'x-forwarded-host': 'ui.example.org',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'wss',
        'x-forwarded-server': '4f2',
        'x-real-ip': CLIENT,
      },
    ],
    [
      'Caddy, in upper case',
      UI,
      { ...TARGET, host: 'UI.example.org', 'x-forwarded-host': 'UI.Example.ORG', 'x-forwarded-proto': 'https' },
    ],
    [
      'AWS ALB',
      UI,
      {
        ...TARGET,
        host: 'ui.example.org',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
        'x-amzn-trace-id': 'Root=1-67891233-abcdef012345678912345678',
      },
    ],
    [
      'AWS ALB on another port',
      `${UI}:8443`,
      { ...TARGET, host: 'ui.example.org:8443', 'x-forwarded-port': '8443', 'x-forwarded-proto': 'https' },
    ],
    [
      'an ingress behind a balancer with TLS',
      UI,
      { ...TARGET, 'x-forwarded-host': 'ui.example.org', 'x-forwarded-port': '80', 'x-forwarded-proto': 'http' },
    ],
    [
      'the same with the port of TLS',
      UI,
      { ...TARGET, 'x-forwarded-host': 'ui.example.org:443', 'x-forwarded-proto': 'http' },
    ],
    [
      'two proxies that append',
      UI,
      {
        ...TARGET,
        'x-forwarded-for': `${CLIENT}, 10.0.0.1`,
        'x-forwarded-host': 'ui.example.org, edge.internal',
        'x-forwarded-proto': 'https, http',
      },
    ],
    [
      'a proxy that appends to what a client forges',
      UI,
      { ...TARGET, 'x-forwarded-host': 'evil.example, ui.example.org' },
    ],
    ['a default port', UI, { ...TARGET, 'x-forwarded-host': 'ui.example.org:443', 'x-forwarded-proto': 'https' }],
    ['IPv6', 'http://[2001:db8::1]:8080', { ...TARGET, 'x-forwarded-host': '[2001:DB8::1]:8080' }],
    ['a proxy that keeps Host', UI, { ...TARGET, host: 'ui.example.org' }],
    ['nonsense in the header, and Host kept', UI, { ...TARGET, host: 'ui.example.org', 'x-forwarded-host': 'a b/c' }],
    ['a proxy that sends no address', UI, { host: 'gateway:4000', 'x-forwarded-host': 'ui.example.org' }],
  ])('work: %s', async (_name, origin, headers) => {
    expect(await admitted(gateway().url, origin, headers)).toEqual(BOTH);
  });

  const forwarded = { ...TARGET, 'x-forwarded-host': 'ui.example.org', 'x-forwarded-proto': 'https' };
  it.each<[name: string, origin: string, headers: Headers]>([
    ['another site', 'https://evil.example', forwarded],
    ['a name that begins alike', `${UI}.evil.example`, forwarded],
    ['another port', `${UI}:8443`, forwarded],
    ['another port than that of the proxy', UI, { ...forwarded, 'x-forwarded-port': '8443' }],
    ['a page without TLS', 'http://ui.example.org', forwarded],
    ['the default port of another scheme', UI, { ...forwarded, 'x-forwarded-host': 'ui.example.org:80' }],
    ['another scheme', 'ftp://ui.example.org', forwarded],
    ['a page of the machine behind the proxy', 'http://gateway:4000', forwarded],
    [
      'what a client forged',
      'https://evil.example',
      { ...forwarded, 'x-forwarded-host': 'evil.example, ui.example.org' },
    ],
    ['no origin', 'null', forwarded],
    ['user information', 'https://ui.example.org@evil.example', forwarded],
    ['Forwarded, which is not configured', 'https://evil.example', { ...forwarded, forwarded: 'host=evil.example' }],
  ])('others do not: %s', async (_name, origin, headers) => {
    expect(await admitted(gateway().url, origin, headers)).toEqual(NEITHER);
  });
});

describe('case 73: the same by Forwarded, where the proxies write that', () => {
  const gateway = useGateway({ trustedProxies: ['loopback', '10.0.0.0/8'], forwardedHeader: 'forwarded' });
  const by = (forwarded: string): Headers => ({ host: 'gateway:4000', forwarded });

  it.each<[origin: string, headers: Headers]>([
    [UI, by(`for=${CLIENT};host=ui.example.org;proto=https`)],
    [`${UI}:8443`, by(`for="[2001:db8::1]:4711";HOST="UI.example.org:8443" ; Proto=HTTPS`)],
    [UI, by(`for=${CLIENT};host=ui.example.org;proto=https, for=10.0.0.1;host=edge.internal;proto=http`)],
    [UI, by(`host=evil.example;for=${CLIENT}, for=${CLIENT};host=ui.example.org`)],
    [UI, by('host=ui.example.org;proto=https')],
    [UI, by('for=unknown;host="ui.example.org:443"')],
    [UI, { host: 'ui.example.org', forwarded: `for=${CLIENT};proto=https` }],
  ])('%s is its own page: %j', async (origin, headers) => {
    expect(await admitted(gateway().url, origin, headers)).toEqual(BOTH);
  });

  it.each<[origin: string, headers: Headers]>([
    ['https://evil.example', by(`host=evil.example;for=${CLIENT}, for=${CLIENT};host=ui.example.org`)],
    ['http://ui.example.org', by(`for=${CLIENT};host=ui.example.org;proto=https`)],
    [UI, { ...by(`for=${CLIENT}`), 'x-forwarded-host': 'ui.example.org' }],
    ['http://gateway:4000', by(`for=${CLIENT};host=ui.example.org`)],
  ])('%s is not: %j', async (origin, headers) => {
    expect(await admitted(gateway().url, origin, headers)).toEqual(NEITHER);
  });
});

describe('case 73: a proxy that is not trusted', () => {
  const gateway = useGateway({ allowedOrigins: ['https://listed.example'] });
  const forged = { ...TARGET, 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };

  it('has its headers ignored', async () => {
    expect(await admitted(gateway().url, 'https://evil.example', forged)).toEqual(NEITHER);
    expect(await admitted(gateway().url, 'http://gateway:4000', forged)).toEqual(BOTH);
  });

  it('is one line of the log for each origin, which names the settings', async () => {
    for (let i = 0; i < 3; i += 1)
      await admitted(gateway().url, UI, { ...TARGET, 'x-forwarded-host': 'ui.example.org' });
    await admitted(gateway().url, 'https://listed.example', TARGET);
    const lines = linesOf(gateway(), UI);
    expect(lines).toEqual([expect.objectContaining({ level: 40, origin: UI, host: 'gateway:4000' })]);
    expect(lines[0]?.msg).toMatch(/ALLOWED_ORIGINS.*TRUSTED_PROXIES/);
    expect(linesOf(gateway(), 'listed.example')).toEqual([]);
  });

  it('many origins are a bounded number of lines, and long ones are cut', async () => {
    const send = (origin: string) =>
      request(`${gateway().url}/health/live`, { headers: { origin } }).then(({ body }) => body.dump());
    await send(`https://${'a'.repeat(5_000)}.example`);
    for (let i = 0; i < 300; i += 1) await send(`https://${i}.example`);
    const lines = linesOf(gateway(), 'ALLOWED_ORIGINS');
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThanOrEqual(101);
    for (const line of lines) expect(JSON.stringify(line).length).toBeLessThan(1_000);
  });
});

it('case 73: with a real Waldur, pages of localhost are refused in a line that names ALLOWED_ORIGINS', async () => {
  const log: string[] = [];
  const config = configWith({ port: 0, waldurApiUrl: 'http://127.0.0.1:9', shutdownTimeoutMs: 0 });
  const gateway = await createGateway(config, { logTo: { write: (line) => void log.push(line) } });
  onTestFinished(() => gateway.close());
  expect(await admitted(gateway.url, 'http://localhost:5173', {})).toEqual(NEITHER);
  expect(log.filter((line) => line.includes('ALLOWED_ORIGINS'))).toEqual([
    expect.stringContaining('"origin":"http://localhost:5173"'),
  ]);
});

describe('case 73: a path prefix', () => {
  const gateway = useGateway({ basePath: '/snapshots', trustedProxies: ['loopback'] });
  const plain = useGateway();
  const text = async (path: string, headers: Headers = {}): Promise<[number, string]> => {
    const { statusCode, body } = await request(gateway().url + path, { headers: { accept: 'text/html', ...headers } });
    return [statusCode, await body.text()];
  };
  const json = { accept: 'application/json', 'apollo-require-preflight': 'true' };
  const query = '?query=%7B__typename%7D';

  it.each(['/snapshots', ''])('requests arrive with %j before their path', async (prefix) => {
    expect((await text(`${prefix}/graphql${query}`, json))[1]).toContain('"__typename":"Query"');
    expect((await text(`${prefix}/health/live`))[0]).toBe(200);
    const [status, page] = await text(`${prefix}/graphiql`);
    expect([status, page.includes('"endpoint":"/snapshots/graphql"')]).toEqual([200, true]);
    // The page and all that it loads.
    const links = [...page.matchAll(/["'](\/\w[^"'\s]*)["']/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(2);
    expect(links.filter((link) => !link.startsWith('/snapshots/'))).toEqual([]);
    const script = links.find((link) => link.endsWith('ruru.js'))?.replace('/snapshots', prefix) ?? '';
    expect((await text(script))[0]).toBe(200);
    const socket = await openSocket(`${gateway().url}${prefix}`, {
      headers: { origin: UI, 'x-forwarded-host': 'ui.example.org', 'x-forwarded-prefix': '/snapshots' },
    });
    await socket.init();
    socket.close();
  });

  it('the prefix alone is the first page', async () => {
    for (const path of ['/snapshots', '/snapshots/', '/snapshots?x=1', '/']) {
      expect((await text(path))[1]).toContain('<title>GraphiQL');
    }
    expect(await text('/snapshots', { accept: '*/*' })).toEqual([
      200,
      JSON.stringify({ graphql: '/snapshots/graphql', explorer: '/snapshots/graphiql' }),
    ]);
  });

  it.each(['/snapshotsx/graphql', '/snapshots/snapshots/graphql', '/other/graphql'])(
    'others are not found: %s',
    async (path) => {
      expect((await text(path + query, json))[0]).toBe(404);
    },
  );

  it('that is not configured is one line of the log, which names the setting', async () => {
    for (let i = 0; i < 3; i += 1) {
      const { statusCode, body } = await request(`${plain().url}/snapshots/graphql`, { method: 'POST' });
      await body.dump();
      expect(statusCode).toBe(404);
    }
    await expect(openSocket(`${plain().url}/snapshots`)).rejects.toThrow('404');
    expect(linesOf(plain(), 'BASE_PATH')).toHaveLength(1);
  });
});

describe('headers that a page of an allowed origin may send and read', () => {
  const gateway = useGateway({ allowedOrigins: [UI], allowedHeaders: ['X-Tenant', 'b3'] });
  const preflight = async (names: string) => {
    const { headers, body } = await request(`${gateway().url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: UI, 'access-control-request-method': 'POST', 'access-control-request-headers': names },
    });
    await body.dump();
    return new Set(String(headers['access-control-allow-headers']).toLowerCase().split(', '));
  };

  it.each([
    ['Apollo Client', 'apollographql-client-name,apollographql-client-version,apollo-require-preflight,content-type'],
    ['Apollo', 'x-apollo-operation-name,x-apollo-operation-id,x-apollo-operation-type'],
    ['OpenTelemetry', 'traceparent,tracestate,baggage'],
    ['Sentry', 'sentry-trace,baggage'],
    ['graphql-sse and EventSource', 'accept,accept-language,last-event-id,content-type'],
    ['this API', 'authorization,x-request-id,x-explain,x-impersonated-user-uuid'],
    ['the operator', 'x-tenant,b3'],
  ])('%s', async (_name, names) => {
    const allowed = await preflight(names);
    expect(names.split(',').filter((name) => !allowed.has(name))).toEqual([]);
  });

  it('no others', async () => {
    expect([...(await preflight('x-other,cookie,host'))]).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:x-other|cookie|host|\*|x-forwarded.*)$/)]),
    );
  });

  it('the id of the request and the time of a retry can be read', async () => {
    const { headers, body } = await request(`${gateway().url}/health/live`, { headers: { origin: UI } });
    await body.dump();
    expect(headers['access-control-expose-headers']).toBe('X-Request-Id, Retry-After');
  });
});

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
    for (const item of ['https://me:hunter2@ui.example.org', 'https://me:/hunter2@ui.example.org', 'me:hunter2@b.example']) {
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
