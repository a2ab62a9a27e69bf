import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS } from '../../src/config.ts';
import { ERROR_CODES } from '../../src/errors.ts';
import { createMetrics, type Gauges } from '../../src/observability/metrics.ts';
import { CASES } from '../../tools/deploy/alert-cases.ts';
import { CHART, checkChart, helmAtHand, render, VALUES } from '../../tools/deploy/chart.ts';
import { COMPOSE, checkComposeSchema } from '../../tools/deploy/compose.ts';
import { checkMonitoring, readAlerts, readDashboard, usedMetrics } from '../../tools/deploy/monitoring.ts';
import { checkWorkflows } from '../../tools/deploy/release.ts';
import { composeProblems, type Manifest, problemsOf, readManifests } from '../../tools/deploy/schemas.ts';
import { hasProgram } from '../support/debian.ts';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const hasPromtool = hasProgram('alert rules and the queries of the dashboard', '/usr/bin/promtool', 'prometheus');
const variables: ReadonlySet<string> = new Set(Object.values(SETTINGS).map(({ variable }) => variable));
const helm = helmAtHand();
if ('missing' in helm) console.warn(`\nSKIPPED: the Helm chart\n  ${helm.missing}\n`);

/** Names of all metrics of a gateway with Redis and trusted documents. */
async function metricNames(): Promise<Set<string>> {
  const metrics = createMetrics();
  // Some gauges exist only where their value does.
  const every = new Proxy(
    { roles: { alone: 0, leader: 0, follower: 0 } },
    { get: (target, key) => Reflect.get(target, key) ?? 0 },
  );
  metrics.watch(() => every as Gauges);
  const text = await metrics.text();
  metrics.close();
  return new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name));
}

describe('the compose file', () => {
  const compose: { services: Record<string, { environment?: Record<string, unknown>; healthcheck?: object }> } = parse(
    read('deploy/compose/compose.yaml'),
    { merge: true },
  );

  it('is valid by the Compose Specification, which is not so for a misspelt key', () => {
    expect(checkComposeSchema()).toMatchObject({ status: 'passed' });
    const wrong = readFileSync(COMPOSE, 'utf8').replace('stop_grace_period', 'stop_grace');
    expect(composeProblems(wrong).join()).toContain('stop_grace');
  });

  it('has three gateways, Valkey and nginx, each with a health check', () => {
    expect(Object.keys(compose.services)).toEqual(['gateway-1', 'gateway-2', 'gateway-3', 'valkey', 'nginx']);
    for (const [name, { healthcheck }] of Object.entries(compose.services))
      expect([name, healthcheck]).not.toContain(undefined);
  });

  it('uses only settings that exist', () => {
    const used = Object.keys(compose.services['gateway-1']?.environment ?? {});
    expect(used).toContain('WALDUR_API_URL');
    expect(used.filter((name) => !variables.has(name))).toEqual([]);
  });

  it('gives nginx the addresses of the gateways, and the gateways that of nginx', () => {
    const addresses = [...read('deploy/compose/compose.yaml').matchAll(/ipv4_address: (\S+)/g)].map(
      ([, address = '']) => address,
    );
    const servers = [...read('deploy/compose/nginx.conf').matchAll(/server (\S+):4000/g)].map(
      ([, address = '']) => address,
    );
    const trusted = compose.services['gateway-1']?.environment?.TRUSTED_PROXIES;
    // Once for requests, once for streams.
    expect(servers.slice(0, 3)).toEqual(servers.slice(3));
    expect([...servers.slice(3), trusted]).toEqual(addresses);
  });
});

describe('alerts and dashboard', () => {
  it.skipIf(!hasPromtool)('promtool accepts them, and each alert fires in its situation alone', () => {
    expect(checkMonitoring()).toMatchObject({ status: 'passed' });
  });

  it('every alert has a situation and a place in the runbook', () => {
    expect(Object.keys(CASES)).toEqual(readAlerts().map(({ alert }) => alert));
    const guide = read('docs/operating.md');
    for (const { alert, annotations, labels } of readAlerts()) {
      expect(guide).toMatch(new RegExp(`^#+ ${alert}$`, 'm'));
      expect(annotations.runbook).toBe(`docs/operating.md#${alert.toLowerCase()}`);
      expect(['page', 'ticket']).toContain(labels.severity);
    }
  });

  it('use only metrics that the gateway has', async () => {
    const names = await metricNames();
    expect(names).toContain('waldur_graph_redis_up');
    expect(usedMetrics().length).toBeGreaterThan(40);
    expect(usedMetrics().filter((name) => !names.has(name))).toEqual([]);
  });

  it('panels have their own ids and do not overlap', () => {
    const { panels } = readDashboard();
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });
});

describe('docs/operating.md and docs/deploying.md', () => {
  const guides = `${read('docs/operating.md')}${read('docs/deploying.md')}`;

  it('name the metrics that the gateway has, and all of its own', async () => {
    const names = await metricNames();
    const named = [...guides.matchAll(/`((?:waldur_graph|nodejs|process)_\w+)[`{]/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((name) => !names.has(name.replace(/_(?:bucket|count|sum)$/, '')))).toEqual([]);
    expect([...names].filter((name) => name.startsWith('waldur_graph_') && !named.includes(name))).toEqual([]);
  });

  /** An example of a misspelt setting. */
  const MISSPELT = 'WALDUR_URL';

  it('name settings that exist', () => {
    const named = [...guides.matchAll(/\b[A-Z]{2,}(?:_[A-Z0-9]+)+\b/g)].map(([name]) => name);
    expect(named).toContain('DRAIN_DELAY_MS');
    const others: readonly string[] = [...ERROR_CODES, 'NODE_ENV', MISSPELT];
    expect(named.filter((name) => !variables.has(name) && !name.startsWith('OTEL_') && !others.includes(name))).toEqual(
      [],
    );
  });
});

describe.skipIf('missing' in helm)('the Helm chart', () => {
  const file = 'file' in helm ? helm.file : '';
  const find = (manifests: readonly Manifest[], kind: string): string =>
    JSON.stringify(manifests.find((one) => one.kind === kind));

  it('passes helm lint, and what it renders fits the schemas of Kubernetes', () => {
    expect(checkChart(helm)).toMatchObject({ status: 'passed' });
  });

  it('renders every kind, and no secret', () => {
    const manifests = render(file, VALUES.all ?? []);
    expect(manifests.map(({ kind }) => kind).sort()).toEqual([
      'ConfigMap',
      'Deployment',
      'HorizontalPodAutoscaler',
      'Ingress',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'PrometheusRule',
      'Service',
      'ServiceAccount',
      'ServiceMonitor',
    ]);
    const deployment = find(manifests, 'Deployment');
    expect(deployment).toContain('"secretKeyRef":{"name":"gateway","key":"cursor-key"}');
    expect(deployment).toContain('{"name":"MAX_BODY_BYTES","value":"104857600"}');
    const names = [...deployment.matchAll(/"name":"([A-Z][A-Z_]+)"/g)].map(([, name = '']) => name);
    expect(names.filter((name) => !variables.has(name) && name !== 'NODE_EXTRA_CA_CERTS')).toEqual([]);
  });

  it('refuses values that would do nothing', () => {
    expect(() => render(file, [])).toThrow('waldurApiUrl is required');
    expect(() => render(file, ['waldurApiUrl=embedded', 'replcas=2'])).toThrow('replcas');
    expect(() => render(file, ['waldurApiUrl=embedded', 'settings.REDIS_URL=redis://:password@redis'])).toThrow(
      'settings.REDIS_URL',
    );
    expect(() => render(file, ['waldurApiUrl=embedded', 'autoscaling.enabled=true', 'autoscaling.cpu=0'])).toThrow(
      'autoscaling',
    );
  });
});

describe('the chart and the releases', () => {
  it('have the version of the gateway', () => {
    const { version } = JSON.parse(read('package.json'));
    const chart = parse(readFileSync(`${CHART}/Chart.yaml`, 'utf8'));
    expect([chart.version, chart.appVersion]).toEqual([version, version]);
  });

  it('use actions pinned by their hash, and rights that each job names', () => {
    expect(checkWorkflows()).toMatchObject({ status: 'passed' });
  });
});

describe('the schemas', () => {
  it('refuse what Kubernetes would refuse, and kinds without a schema', () => {
    const [service] = readManifests('apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { prots: [] }\n');
    const [other] = readManifests('apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n');
    if (service === undefined || other === undefined) throw new Error('nothing was read');
    expect(problemsOf(service, '1.37').join()).toContain('prots');
    expect(problemsOf(other, '1.27')).toEqual(['v1/Pod has no schema in kubernetes-1.27']);
    expect(() => readManifests('just text')).toThrow('not an object of Kubernetes');
  });
});
