/**
 * A rolling restart behind nginx, as a deployment does it: three gateways end and start again one after the other, while 300 subscribers
 * follow an embedded Waldur that changes and 24 clients send requests over connections that stay open. No request may fail, and every
 * subscriber must know the final state of every object. `node bin/run.mjs tools/rolling-restart.ts`; part of `npm run test:deploy`.
 */
import { rollingRestart } from './deploy/rolling-restart.ts';

const SUBSCRIBERS = 300;
/** A gateway has to end within so many ms of SIGTERM, with the delay of 5 s for balancers. */
const ENDS_WITHIN_MS = 15_000;

const rollout = await rollingRestart({
  replicas: 3,
  subscribers: SUBSCRIBERS,
  clients: 24,
  settings: { DRAIN_DELAY_MS: '5000' },
  // Longer than `fail_timeout` of nginx.
  pauseMs: 6_000,
  report: console.log,
});
const { failures, withoutFinalState, falseRemovals, endedStreams, ends, reconnectionsInASecond, noReplicaLeft } =
  rollout;
console.log(`${rollout.changes} changes, ${rollout.requests} requests`);
console.log(
  `${failures.length} failed requests, ${withoutFinalState} subscribers without a final state, ${falseRemovals} false removals`,
);
console.log(`${rollout.reconnections} reconnections, at most ${reconnectionsInASecond} within a second`);

if (Object.keys(rollout.proxyErrors).length > 0)
  console.log(`nginx tried again after: ${JSON.stringify(rollout.proxyErrors)}`);

const checks: readonly [isWrong: boolean, problem: string][] = [
  [failures.length > 0, `${failures.length} requests failed, for example: ${failures[0]}`],
  [withoutFinalState > 0, `${withoutFinalState} subscribers do not know all final states`],
  [falseRemovals > 0, `${falseRemovals} false removals`],
  [endedStreams.length > 0, `${endedStreams.length} streams ended, for example: ${endedStreams[0]}`],
  [reconnectionsInASecond > SUBSCRIBERS / 3, `${reconnectionsInASecond} reconnections within a second`],
  [noReplicaLeft > 0, `nginx had no replica left to try, ${noReplicaLeft} times`],
];
const problems = checks.flatMap(([isWrong, problem]) => (isWrong ? [problem] : []));
for (const [i, { code, ms }] of ends.entries())
  if (code !== 0 || ms > ENDS_WITHIN_MS) problems.push(`replica ${i + 1} ended with ${code} after ${ms} ms`);
for (const problem of problems) console.error(`FAILED: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
