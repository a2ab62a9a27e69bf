import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../run.ts';
import { CASES, NORMAL, type Series } from './alert-cases.ts';
import { builtByGo, call, type Found, installed, VALIDATORS } from './programs.ts';
import { failed, judge, type Outcome, passed, skipped } from './proof.ts';

export const ALERTS = `${ROOT}deploy/monitoring/alerts.yaml`;
export const DASHBOARD = `${ROOT}deploy/monitoring/dashboard.json`;
const MINUTES = 60;

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
}

export const readAlerts = (): readonly Alert[] =>
  (parse(readFileSync(ALERTS, 'utf8')) as { groups: { rules: Alert[] }[] }).groups.flatMap(({ rules }) => rules);

export const readDashboard = (): Dashboard => JSON.parse(readFileSync(DASHBOARD, 'utf8')) as Dashboard;

/** Queries of the dashboard, with the variables of Grafana replaced by what they stand for. */
export function dashboardQueries(): string[] {
  const { panels, annotations } = readDashboard();
  return [...panels.flatMap(({ targets = [] }) => targets), ...annotations.list].map(({ expr }) =>
    expr
      .replaceAll('$__rate_interval', '1m')
      .replaceAll('$job', 'waldur-snapshots-gateway')
      .replaceAll('$instance', '.*'),
  );
}

/** Names of the gateway's metrics that alerts and dashboard use, without the endings of a histogram. */
export function usedMetrics(): string[] {
  const text = [...readAlerts().map(({ expr }) => expr), ...dashboardQueries()].join('\n');
  const names = [...text.matchAll(/\b(?:waldur_graph|nodejs|process)_\w+/g)].map(([name]) => name);
  return [...new Set(names.map((name) => name.replace(/_(?:bucket|count|sum)$/, '')))].sort();
}

const promtool = (): Found => installed('promtool', 'Debian: prometheus');

/** `promtool check rules` for the alerts and for each query of the dashboard, then `promtool test rules` with every situation. */
export function checkMonitoring(found: Found = promtool()): Outcome {
  if ('missing' in found) return skipped(found.missing);
  const folder = mkdtempSync(path.join(tmpdir(), 'monitoring-'));
  try {
    const queries = path.join(folder, 'queries.json');
    const rules = dashboardQueries().map((expr, i) => ({ record: `query_${i}`, expr }));
    // JSON is YAML.
    writeFileSync(queries, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    const tests = path.join(folder, 'tests.json');
    writeFileSync(tests, JSON.stringify({ rule_files: [ALERTS], evaluation_interval: '30s', tests: situations() }));
    for (const args of [
      ['check', 'rules', ALERTS, queries],
      ['test', 'rules', tests],
    ]) {
      const { status, stdout, stderr } = call(found.file, args);
      if (status !== 0) return failed(`promtool ${args.slice(0, 2).join(' ')}: ${stdout}${stderr}`);
    }
    return passed(`${readAlerts().length} alerts, ${rules.length} queries of the dashboard`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In each situation exactly its alert fires; in normal operation none fires or is pending. */
function situations(): object[] {
  const normal = {
    name: 'normal operation',
    interval: '30s',
    input_series: seriesWith({}),
    promql_expr_test: [{ expr: 'count(ALERTS)', eval_time: '50m', exp_samples: [] }],
  };
  const firing = Object.entries(CASES).map(([name, { series, at, also = [] }]) => ({
    name,
    interval: '30s',
    input_series: seriesWith(series),
    promql_expr_test: [
      {
        expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
        eval_time: at,
        exp_samples: [name, ...also].sort().map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
      },
    ],
  }));
  return [normal, ...firing];
}

/** Series of a normal hour with some of them replaced. */
const seriesWith = (others: Series): object[] =>
  Object.entries({ ...NORMAL, ...others }).map(([series, values]) => ({
    series,
    // A number alone stands for an hour of it, two samples a minute.
    values: /^[\d.+]+$/.test(values) ? `${values}x${2 * MINUTES}` : values,
  }));

/** The dashboard by the types of Grafana, unknown fields refused. */
export function checkDashboard(found: Found = builtByGo(VALIDATORS)): Outcome {
  if ('missing' in found) return skipped(found.missing);
  const { status, stderr } = call(found.file, ['dashboard', DASHBOARD]);
  return judge(status === 0 ? [] : [stderr.trim()], `${readDashboard().panels.length} panels`);
}
