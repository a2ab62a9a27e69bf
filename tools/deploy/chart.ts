import { existsSync } from 'node:fs';
import { ROOT } from '../run.ts';
import { builtByGo, call, type Found, HELM, known } from './programs.ts';
import { judge, type Outcome, skipped } from './proof.ts';
import { KUBERNETES, type Manifest, problemsOf, readManifests } from './schemas.ts';

export const CHART = `${ROOT}deploy/helm/waldur-snapshots-gateway`;

/** Sets of values that switch every part of the chart on and off. */
export const VALUES: Readonly<Record<string, readonly string[]>> = {
  least: ['waldurApiUrl=https://waldur.example.org'],
  all: [
    'waldurApiUrl=https://waldur.example.org',
    'image.digest=sha256:0000000000000000000000000000000000000000000000000000000000000000',
    'settings.ALLOWED_ORIGINS=https://ui.example.org',
    'settings.MAX_BODY_BYTES=104857600',
    'settings.LIVE_UPSTREAM_SHARE=0.5',
    'settings.EXPLORER=false',
    'secrets.cursorKey.name=gateway',
    'secrets.redisUrl.name=gateway',
    'certificateAuthority.configMap=waldur-ca',
    'ingress.enabled=true',
    'ingress.host=snapshots.example.org',
    'ingress.tlsSecret=snapshots-tls',
    'autoscaling.enabled=true',
    'autoscaling.sockets=2000',
    'networkPolicy.ingressFrom[0].namespaceSelector.matchLabels.name=ingress-nginx',
    'networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.name=monitoring',
    'networkPolicy.egressTo[0].to[0].ipBlock.cidr=10.0.0.0/8',
    'metrics.serviceMonitor.enabled=true',
    'metrics.serviceMonitor.labels.release=prometheus',
    'metrics.prometheusRule.enabled=true',
    'metrics.dashboard.enabled=true',
    'priorityClassName=high',
    'nodeSelector.disk=ssd',
    'tolerations[0].key=gateway',
    'podAnnotations.note=yes',
    'podLabels.team=storage',
    'imagePullSecrets[0].name=registry',
    'serviceAccount.annotations.note=x',
    'service.annotations.note=x',
  ],
  none: [
    'waldurApiUrl=embedded',
    'serviceAccount.create=false',
    'podDisruptionBudget.enabled=false',
    'networkPolicy.enabled=false',
    'certificateAuthority.secret=waldur-ca',
  ],
};

const settingsOf = (values: readonly string[]): string[] => values.flatMap((value) => ['--set', value]);

/** Helm, if it is here already: tests do not build it. */
export const helmAtHand = (): Found => known(HELM.name, 'npm run test:deploy builds it with Go');

/** @throws what Helm says when it cannot render the chart. */
export function render(helm: string, values: readonly string[]): Manifest[] {
  const { status, stdout, stderr } = call(helm, [
    'template',
    'snapshots',
    CHART,
    '--namespace',
    'waldur',
    '--kube-version',
    KUBERNETES[0],
    ...settingsOf(values),
  ]);
  if (status !== 0) throw new Error(stderr.trim());
  return readManifests(stdout);
}

/** `helm lint` and `helm template` with each set of values, and the result against the schemas of Kubernetes. */
export function checkChart(found: Found = builtByGo(HELM)): Outcome {
  if ('missing' in found) return skipped(found.missing);
  if (!existsSync(CHART)) return judge([`${CHART} is missing`], '');
  const problems: string[] = [];
  let objects = 0;
  for (const [name, values] of Object.entries(VALUES)) {
    const lint = call(found.file, ['lint', '--strict', CHART, ...settingsOf(values)]);
    if (lint.status !== 0) problems.push(`helm lint, ${name}: ${lint.stdout.trim()}`);
    const manifests = render(found.file, values);
    objects += manifests.length;
    for (const version of KUBERNETES)
      for (const manifest of manifests)
        problems.push(...problemsOf(manifest, version).map((problem) => `${name}: ${problem}`));
  }
  const sets = Object.keys(VALUES).length;
  return judge(problems, `${sets} sets of values, ${objects} objects, Kubernetes ${KUBERNETES.join(' and ')}`);
}
