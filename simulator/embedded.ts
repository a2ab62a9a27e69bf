import { createApi } from './api/api.ts';
import { Clock } from './clock.ts';
import { CostModel } from './cost.ts';
import type { ApiAnswer, ApiRequest, Dataset } from './model.ts';
import type { SimulatorOptions } from './options.ts';
import { madeUpWorld } from './seed/made-up.ts';
import { Random } from './seed/random.ts';
import { Cloud } from './worker/cloud.ts';
import { Worker } from './worker/worker.ts';
import { World } from './world.ts';

/** The embedded Waldur without its sockets: world, clock, worker, cloud and the API in front of them. */
export class Embedded {
  readonly clock: Clock;
  readonly world: World;
  readonly cloud: Cloud;
  readonly worker: Worker;
  readonly #options: SimulatorOptions;
  readonly #costs: CostModel | undefined;
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
    this.#costs = options.cost === 'real' ? new CostModel() : undefined;
    this.#madeUp = options.dataset === undefined;
    this.#dataset = options.dataset ?? madeUpWorld({ seed, snapshots, now: this.clock.now() });
    this.#api = this.reset();
  }

  /** Replaces the world. Objects in transition stay as they are until a request or a periodic job moves them. */
  loadDataset(dataset: Dataset): void {
    this.#dataset = dataset;
    this.#madeUp = false;
    this.reset();
  }

  /** Back to the world it started with or that was loaded last; time goes on. Sign-in failures are forgotten with the API. */
  reset(): (request: ApiRequest) => ApiAnswer {
    const { world, clock, worker } = this;
    world.load(this.#dataset);
    worker.start({ resume: this.#madeUp });
    this.#api = createApi({ world, clock, tasks: worker, generation: this.#options.waldur });
    return this.#api;
  }

  /** Answers one request, at once unless answers have a cost. */
  async answer(request: ApiRequest): Promise<ApiAnswer> {
    if (this.#costs === undefined) return this.#api(request);
    return this.#costs.run(lockOf(request), () => this.#api(request));
  }
}

/** Whose token row the real server would lock: told by the credentials, before anybody has looked at them. */
function lockOf({ headers }: ApiRequest): string | undefined {
  if (headers.authorization === undefined) return undefined;
  return `${headers.authorization.toLowerCase()} ${headers['x-impersonated-user-uuid'] ?? ''}`;
}
