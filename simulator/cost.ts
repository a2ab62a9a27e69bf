import { setTimeout as delay } from 'node:timers/promises';
import type { ApiAnswer, Work } from './model.ts';

/**
 * The time that a request takes in a real Waldur (contract 3.6), measured on 2 cores that also ran PostgreSQL. Only the proportions
 * matter.
 */
const REQUEST_MS = 20;
/** A row with only columns of the object itself. */
const ROW_MS = 0.3;
const OTHER_ROW_MS = 2;

interface Group {
  /** Added to each row if at least one of the fields is rendered, because the fields share their SQL queries. */
  msPerRow: number;
  fields: readonly string[];
}

const COMMON_GROUPS: readonly Group[] = [
  { msPerRow: 0.85, fields: ['project', 'project_uuid', 'project_name'] },
  {
    msPerRow: 1.5,
    fields: ['customer', 'customer_uuid', 'customer_name', 'customer_native_name', 'customer_abbreviation'],
  },
  {
    msPerRow: 0.95,
    fields: [
      'service_name',
      'service_settings',
      'service_settings_uuid',
      'service_settings_state',
      'service_settings_error_message',
    ],
  },
  {
    msPerRow: 2.9,
    fields: [
      'marketplace_offering_uuid',
      'marketplace_offering_name',
      'marketplace_category_uuid',
      'marketplace_category_name',
      'marketplace_resource_uuid',
    ],
  },
  {
    msPerRow: 4.8,
    fields: [
      'marketplace_offering_plugin_options',
      'marketplace_offering_type',
      'marketplace_plan_uuid',
      'marketplace_resource_state',
      'is_usage_based',
      'is_limit_based',
    ],
  },
];

/** Fields in no group are columns without extra cost. The sum of all groups is the measured cost of a full row. */
const GROUPS: Record<'snapshot' | 'volume', readonly Group[]> = {
  snapshot: [
    ...COMMON_GROUPS,
    { msPerRow: 0.45, fields: ['restorations'] },
    { msPerRow: 1.35, fields: ['source_volume', 'source_volume_name'] },
    { msPerRow: 1.2, fields: ['source_volume_marketplace_uuid'] },
  ],
  volume: [
    ...COMMON_GROUPS,
    { msPerRow: 0.5, fields: ['tenant', 'tenant_uuid'] },
    { msPerRow: 0.5, fields: ['type', 'type_name'] },
    { msPerRow: 0.5, fields: ['availability_zone', 'availability_zone_name'] },
    { msPerRow: 0.5, fields: ['image', 'source_snapshot'] },
    { msPerRow: 0.6, fields: ['instance', 'instance_name'] },
    { msPerRow: 1.2, fields: ['instance_marketplace_uuid'] },
  ],
};

/** The time in ms that a real Waldur would need for an answer. */
export const timeOf = ({ work }: ApiAnswer): number => (work === undefined ? REQUEST_MS : costOf(work));

/** The time in ms that a real Waldur would need for this response. */
export function costOf(work: Work): number {
  return REQUEST_MS + work.rows * rowCost(work);
}

function rowCost({ kind, fields }: Work): number {
  if (kind === 'other') return OTHER_ROW_MS;
  const asked = fields === null ? null : new Set(fields);
  let cost = ROW_MS;
  for (const group of GROUPS[kind]) {
    if (asked === null || group.fields.some((field) => asked.has(field))) cost += group.msPerRow;
  }
  return cost;
}

/**
 * Delays responses. As in Waldur, the requests of one user run one at a time, because each holds a lock on
 * the user's token until its response (contract 2.0). Requests of different users run concurrently, at most one in each worker. The
 * delay uses no CPU.
 */
export class CostModel {
  readonly #tails = new Map<string, Promise<unknown>>();
  /** Requests that wait for a worker, in order of arrival. */
  readonly #queue: (() => void)[] = [];
  #idleWorkers: number;

  /** @param workers processes that serve requests, each one request at a time. */
  constructor(workers = Number.POSITIVE_INFINITY) {
    this.#idleWorkers = workers;
  }

  /** `lock`: the credentials of the request. Requests without credentials do not wait for each other. */
  run(lock: string | undefined, answer: () => ApiAnswer): Promise<ApiAnswer> {
    // A worker is busy while its request waits for the lock, too.
    const serve = (): Promise<ApiAnswer> => {
      const served = this.#locked(lock, answer);
      const leave = (): void => this.#leave();
      served.then(leave, leave);
      return served;
    };
    if (this.#idleWorkers > 0) {
      this.#idleWorkers -= 1;
      return serve();
    }
    return new Promise<void>((resolve) => this.#queue.push(resolve)).then(serve);
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#idleWorkers += 1;
    else next();
  }

  #locked(lock: string | undefined, answer: () => ApiAnswer): Promise<ApiAnswer> {
    const slowly = async (): Promise<ApiAnswer> => {
      const made = answer();
      await delay(timeOf(made), undefined, { ref: false });
      return made;
    };
    if (lock === undefined) return slowly();
    const mine = (this.#tails.get(lock) ?? Promise.resolve()).then(slowly, slowly);
    this.#tails.set(lock, mine);
    const release = (): void => {
      if (this.#tails.get(lock) === mine) this.#tails.delete(lock);
    };
    mine.then(release, release);
    return mine;
  }
}
