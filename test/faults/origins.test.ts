import { request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configWith } from '../../src/config.ts';
import { createGateway } from '../../src/gateway.ts';
import { type Running, useGateway } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';

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
    const script = links.find((link) => link.endsWith('explorer.js'))?.replace('/snapshots', prefix) ?? '';
    expect((await text(script))[0]).toBe(200);
    const socket = await openSocket(`${gateway().url}${prefix}`, {
      headers: { origin: UI, 'x-forwarded-host': 'ui.example.org', 'x-forwarded-prefix': '/snapshots' },
    });
    await socket.init();
    socket.close();
  });

  it('the prefix alone is the first page', async () => {
    for (const path of ['/snapshots', '/snapshots/', '/snapshots?x=1', '/']) {
      expect((await text(path))[1]).toContain('<title>Waldur snapshots');
    }
    expect(await text('/snapshots', { accept: '*/*' })).toEqual([
      200,
      JSON.stringify({ graphql: '/snapshots/graphql', explorer: '/snapshots/graphiql' }),
    ]);
  });

  const forwarded = (prefix: string) => ({ accept: 'text/html', 'x-forwarded-prefix': prefix });
  const behindProxy = useGateway({ trustedProxies: ['loopback'] });
  const endpointAt = async (url: string, prefix: string): Promise<string | undefined> => {
    const { body } = await request(url, { headers: forwarded(prefix) });
    return /"endpoint":"([^"]*)"/.exec(await body.text())?.[1];
  };

  it.each([
    ['/waldur', '/waldur/graphql'],
    ['/waldur/', '/waldur/graphql'],
    ['/outer, /inner', '/outer/inner/graphql'],
    // What is not a path is ignored: it becomes part of the page.
    ['/a"b', '/graphql'],
    ['//evil.example', '/graphql'],
    ['https://evil.example', '/graphql'],
    ['/a/../b', '/graphql'],
  ])('X-Forwarded-Prefix %j of a trusted proxy', async (prefix, endpoint) => {
    expect(await endpointAt(`${behindProxy().url}/graphiql`, prefix)).toBe(endpoint);
  });

  it('X-Forwarded-Prefix: the proxy may leave the prefix in the path', async () => {
    expect(await endpointAt(`${behindProxy().url}/waldur/graphiql`, '/waldur')).toBe('/waldur/graphql');
    const socket = await openSocket(`${behindProxy().url}/waldur`, { headers: { 'x-forwarded-prefix': '/waldur' } });
    await socket.init();
    socket.close();
  });

  it('X-Forwarded-Prefix of anyone else is ignored, and BASE_PATH is stronger', async () => {
    expect(await endpointAt(`${plain().url}/graphiql`, '/waldur')).toBe('/graphql');
    expect(await endpointAt(`${gateway().url}/graphiql`, '/waldur')).toBe('/snapshots/graphql');
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
