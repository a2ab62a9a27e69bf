import { createApi } from '../../../simulator/api/api.ts';
import { Clock } from '../../../simulator/clock.ts';
import type { ApiAnswer, ApiRequest, Generation, Tasks } from '../../../simulator/model.ts';
import { World } from '../../../simulator/world.ts';
import { dataset, tokenOf } from '../../support/gateway.ts';

const idle: Tasks = {
  snapshotCreated() {},
  volumeRestored() {},
  resourceUpdated() {},
  resourcePulled() {},
  volumeChanged() {},
  snapshotDeleted() {},
};

/** The front door alone, on the recorded world, without sockets and without a worker. */
export function startEmbedded(generation: Generation): {
  handle: (request: ApiRequest) => ApiAnswer;
  tokenOf: (username: string) => string;
} {
  const clock = new Clock({ frozen: true });
  const world = new World(clock);
  world.load(dataset);
  return { handle: createApi({ world, clock, tasks: idle, generation }), tokenOf };
}
