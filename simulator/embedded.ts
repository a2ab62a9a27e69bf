import { createApi } from './api/api.ts';
import { Clock } from './clock.ts';
import { CostModel } from './cost.ts';
import type { ApiAnswer, ApiRequest, Dataset } from './model.ts';
import type { SimulatorOptions } from './options.ts';
import { madeUpWorld } from './seed/made-up.ts';
import { Random } from './seed/random.ts';
import { Activity } from './worker/activity.ts';
import { Cloud } from './worker/cloud.ts';
import { Worker } from './worker/worker.ts';
import { World } from './world.ts';

/** The embedded Waldur without its HTTP server: world, clock, worker, cloud and API. */
export class Embedded {
  readonly clock: Clock;
  readonly world: World;
  readonly cloud: Cloud;
  readonly worker: Worker;
  readonly #options: SimulatorOptions;
  readonly #costs: CostModel | undefined;
  readonly #activity: Activity | undefined;
  #dataset: Dataset;
  #madeUp: boolean;
  #api: (request: ApiRequest) => ApiAnswer;

  constructor(options: SimulatorOptions) {
    const { frozen, scale, seed, snapshots, waldur: generation } = options;
    this.#options = options;
    this.clock = new Clock({ scale, frozen });
    this.world = new World(this.clock);
    this.cloud = new Cloud(this.clock, new Random(seed + 1));
    this.worker = new Worker({ world: this.world, clock: this.clock, cloud: this.cloud, generation });
    this.#activity = options.activity
      ? new Activity({ world: this.world, clock: this.clock, tasks: this.worker, random: new Random(seed + 2) })
      : undefined;
    this.#costs = options.cost === 'real' ? new CostModel(options.workers) : undefined;
    this.#madeUp = options.dataset === undefined;
    this.#dataset = options.dataset ?? madeUpWorld({ seed, snapshots, now: this.clock.now() });
    this.#api = this.reset();
  }

  /** Replaces the world. Objects in transition keep their state until a request or a periodic job changes it. */
  loadDataset(dataset: Dataset): void {
    this.#dataset = dataset;
    this.#madeUp = false;
    this.reset();
  }

  /** Restores the initial world, or the dataset that was loaded last. Time continues. Failed sign-ins are cleared. */
  reset(): (request: ApiRequest) => ApiAnswer {
    const { world, clock, worker } = this;
    world.load(this.#dataset);
    worker.start({ resume: this.#madeUp });
    // A dataset stays as it was loaded.
    if (this.#madeUp) this.#activity?.start();
    this.#api = createApi({ world, clock, tasks: worker, generation: this.#options.waldur });
    return this.#api;
  }

  /** Handles one request, without a delay unless costs are enabled. */
  async answer(request: ApiRequest): Promise<ApiAnswer> {
    if (this.#costs === undefined) return this.#api(request);
    return this.#costs.run(lockOf(request), () => this.#api(request));
  }
}

/** The lock that the real server takes on a token. It depends on the credentials as sent, valid or not. */
function lockOf({ headers }: ApiRequest): string | undefined {
  if (headers.authorization === undefined) return undefined;
  return `${headers.authorization.toLowerCase()} ${headers['x-impersonated-user-uuid'] ?? ''}`;
}
