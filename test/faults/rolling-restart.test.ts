import { describe, expect, it } from 'vitest';
import { NGINX } from '../../tools/deploy/nginx.ts';
import { rollingRestart } from '../../tools/deploy/rolling-restart.ts';
import { hasProgram } from '../support/debian.ts';

const canRun = hasProgram('case 66, a rolling restart behind nginx', NGINX, 'nginx-light');
const SUBSCRIBERS = 60;

/** The short variant of tools/rolling-restart.ts, with shorter delays. */
describe.skipIf(!canRun)('case 66: rolling restart of three replicas behind nginx', () => {
  it('no request fails; subscribers connect again over time and know all final states', async () => {
    const {
      ends,
      requests,
      changes,
      reconnections,
      reconnectionsInASecond,
      proxyErrors: _,
      ...rollout
    } = await rollingRestart({
      replicas: 3,
      subscribers: SUBSCRIBERS,
      clients: 12,
      settings: { DRAIN_DELAY_MS: '500', SOCKET_DRAIN_MS: '1500' },
      pauseMs: 500,
    });
    expect(rollout).toEqual({
      failures: [],
      withoutFinalState: 0,
      falseRemovals: 0,
      endedStreams: [],
      noReplicaLeft: 0,
    });
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(Math.min(requests, changes)).toBeGreaterThan(0);
    // Each socket was on some replica, and all of them ended.
    expect(reconnections).toBeGreaterThanOrEqual(SUBSCRIBERS);
    expect(reconnectionsInASecond).toBeLessThan(SUBSCRIBERS);
  });
});
