import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Dataset } from './model.ts';
import type { RequestLog } from './requests.ts';
import type { TokenEntry } from './tokens.ts';
import type { Cloud } from './worker/cloud.ts';
import type { Worker } from './worker/worker.ts';
import type { World } from './world.ts';

/** The parts of the simulator that control endpoints use. */
export interface ControlContext {
  readonly world: World;
  readonly clock: Clock;
  readonly worker: Worker;
  readonly cloud: Cloud;
  readonly faults: Faults;
  readonly log: RequestLog;
  tokens(): TokenEntry[];
  reset(): void;
  loadDataset(dataset: Dataset): void;
}
