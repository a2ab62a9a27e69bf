import type { Json, Project, Snapshot, Tenant, Volume } from '../model.ts';
import { CloudError, MISSING_MESSAGE } from '../worker/cloud.ts';
import { becameErred, refused } from '../worker/failures.ts';
import { BY_HAND } from './names.ts';
import { hyphenated } from './random.ts';
import { type Builder, DAY, HOUR, MINUTE, stampAt } from './rows.ts';

/** The number of first snapshots of each tenant that are settled without errors, for examples and tests. */
const PLAIN_ONES = 24;
/** After those, one in this number has an error or a running action. */
const ERRED_EVERY = 29;
const MOVING_EVERY = 41;

type Trait = Partial<
  Pick<
    Snapshot,
    | 'state'
    | 'backend_id'
    | 'error_message'
    | 'error_traceback'
    | 'runtime_state'
    | 'action'
    | 'metadata'
    | 'kept_until'
  >
>;

const limitExceeded = refused('create_snapshot', new CloudError(413, 'Snapshot limit exceeded'));

/** Error states of snapshots. `seq` is the primary key. */
const ERRED: readonly ((seq: number) => Trait)[] = [
  () => ({ runtime_state: '', error_message: MISSING_MESSAGE }),
  () => ({
    backend_id: null,
    runtime_state: '',
    metadata: '',
    error_message: limitExceeded.message,
    error_traceback: limitExceeded.traceback,
  }),
  (seq) => {
    const { message, traceback } = becameErred('Snapshot', seq, 'error');
    return { runtime_state: 'error', metadata: '', error_message: message, error_traceback: traceback };
  },
  () => ({ backend_id: null, runtime_state: '', metadata: '', error_message: 'Provisioning has timed out.' }),
];

/** Transitional states of snapshots. The worker resumes them. */
const MOVING: readonly Trait[] = [
  { state: 'CREATING', runtime_state: 'creating', metadata: '' },
  { state: 'UPDATE_SCHEDULED', action: 'Pull' },
  { state: 'DELETING', runtime_state: 'deleting' },
  { state: 'UPDATING', action: '' },
  { state: 'CREATION_SCHEDULED', backend_id: null, runtime_state: '', metadata: '' },
  { state: 'DELETION_SCHEDULED' },
];

/** The traits of the n-th snapshot of a tenant, counted from 0. Tenants have different errors. */
function traitOf(n: number, seq: number, builder: Builder): Trait {
  const late = n - PLAIN_ONES;
  const tenant = builder.rows.tenants.length - 1;
  if (late < 0) return {};
  if (late % ERRED_EVERY === 5) {
    const make = ERRED[(tenant + Math.floor(late / ERRED_EVERY)) % ERRED.length];
    return { state: 'ERRED', ...make?.(seq) };
  }
  if (late % MOVING_EVERY === 11) return MOVING[(tenant + Math.floor(late / MOVING_EVERY)) % MOVING.length] ?? {};
  // Some expire soon after the start, and a periodic job deletes them (contract 2.8).
  if (late % 67 === 3) return { kept_until: stampAt(builder.now + (late + 20) * MINUTE, builder.random) };
  return {};
}

interface Occasion {
  suffix: string;
  description: string;
  ageMs: number;
  metadata: Json;
  keptDays: number | undefined;
}

/** The k-th snapshot of a volume, the newest first: nightly for two weeks, then weekly; now and then one made by hand. */
function occasionOf(k: number, builder: Builder): Occasion {
  const { random, now } = builder;
  const ageMs = (k < 14 ? k : 14 + (k - 14) * 7) * DAY + random.int(2 * HOUR, 20 * HOUR);
  if (k % 6 === 4) {
    const { suffix, description } = random.pick(BY_HAND);
    return { suffix: k < 6 ? suffix : `${suffix}-${k}`, description, ageMs, metadata: {}, keptDays: undefined };
  }
  const date = new Date(now - ageMs).toISOString().slice(0, 10);
  return {
    suffix: date,
    description: 'Nightly',
    ageMs,
    metadata: { created_by: 'nightly', schedule: '0 3 * * *' },
    keptDays: k % 2 === 0 ? (k < 14 ? 30 : 365) : undefined,
  };
}

/** Makes `count` snapshots of a tenant's volumes, round after round, oldest first in the order of creation. */
export function addSnapshots(
  builder: Builder,
  project: Project,
  tenant: Tenant,
  volumes: readonly Volume[],
  count: number,
): void {
  if (volumes.length === 0) return;
  const { random, rows, now } = builder;
  // A tenant has more volumes than are worth a nightly copy.
  const copied = volumes.slice(0, Math.max(1, Math.ceil(count / 12)));
  const planned = Array.from({ length: count }, (_, n) => {
    const volume = copied[n % copied.length] ?? volumes[0];
    return { volume, occasion: occasionOf(Math.floor(n / copied.length), builder) };
  });
  planned.sort((a, b) => b.occasion.ageMs - a.occasion.ageMs);
  for (const [n, { volume, occasion }] of planned.entries()) {
    const seq = rows.snapshots.length + 1;
    const trait = traitOf(n, seq, builder);
    const moving = trait.state !== undefined && trait.state !== 'ERRED';
    const ageMs = moving && trait.state?.startsWith('CREAT') ? random.int(2_000, 20_000) : occasion.ageMs;
    const created = now - ageMs;
    const modified = moving ? now - random.int(500, 2_000) : Math.min(created + 14_000, now);
    rows.snapshots.push({
      uuid: random.uuid(),
      seq,
      name: `${volume?.name ?? tenant.name}-${occasion.suffix}`.slice(0, 150),
      description: occasion.description,
      state: 'OK',
      backend_id: hyphenated(random.uuid()),
      error_message: '',
      error_traceback: '',
      created: stampAt(created, random),
      modified: stampAt(Math.max(modified, created + 1), random),
      project_uuid: project.uuid,
      service_settings_uuid: tenant.service_settings_uuid,
      runtime_state: 'available',
      action: '',
      action_details: {},
      tenant_uuid: tenant.uuid,
      size: volume?.size ?? 1024,
      metadata: occasion.metadata,
      kept_until: occasion.keptDays === undefined ? null : stampAt(now + (occasion.keptDays + 1) * DAY, random),
      // A volume that was deleted later leaves its snapshots without a source.
      source_volume_uuid: n % 50 === 30 ? null : (volume?.uuid ?? null),
      snapshot_schedule_uuid: null,
      backup_uuids: [],
      ...trait,
    });
  }
}
