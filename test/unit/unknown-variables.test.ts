import { expect, it } from 'vitest';
import { unknownVariables } from '../../src/config.ts';

it.each([
  ['WALDUR_URL', 'WALDUR_API_URL'],
  ['WALDUR_HOST', 'WALDUR_API_URL'],
  ['WALDUR_API_ULR', 'WALDUR_API_URL'],
  ['PROT', 'PORT'],
  ['MAX_DEPHT', 'MAX_DEPTH'],
  ['MAX_BODY', 'MAX_BODY_BYTES'],
  ['REDIS_URLS', 'REDIS_URL'],
  ['SOCKET_DRAIN', 'SOCKET_DRAIN_MS'],
  ['UPSTREAM_TIMEOUT', 'UPSTREAM_TIMEOUT_MS'],
])('%s looks like %s', (name, nearest) => {
  expect(unknownVariables({ [name]: 'x', PORT: '1' })).toEqual([{ name, nearest }]);
});

it('variables of systems, shells, orchestrators and tools are none', () => {
  const names = [
    ...[
      'PATH',
      'HOME',
      'HOSTNAME',
      'PWD',
      'SHLVL',
      'USER',
      'TERM',
      'LANG',
      'LC_ALL',
      'NODE_ENV',
      'NODE_OPTIONS',
      'NO_COLOR',
    ],
    ...['npm_config_port', 'npm_lifecycle_event', 'INIT_CWD', 'CI', 'TZ', 'TMPDIR', 'SSL_CERT_FILE', 'HTTPS_PROXY'],
    ...['KUBERNETES_SERVICE_HOST', 'KUBERNETES_PORT_443_TCP_ADDR', 'WALDUR_SERVICE_HOST', 'WALDUR_API_SERVICE_PORT'],
    ...[
      'WALDUR_PORT',
      'WALDUR_PORT_80_TCP',
      'REDIS_PORT',
      'REDIS_SERVICE_HOST',
      'WALDUR_TOKEN',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
    ],
  ];
  expect(unknownVariables(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([]);
});
