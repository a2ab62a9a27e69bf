import type { Uuid } from '../../model.ts';
import type { Amounts, Excess } from '../../world.ts';
import { type Call, invalidList } from '../exchange.ts';

/** A volume type is charged in GiB, and Python's division makes fractions of them. */
export function typeQuota({ api: { world } }: Call, typeUuid: Uuid | null, size: number): Amounts {
  const type = typeUuid === null ? undefined : world.tables.volume_types.get(typeUuid);
  return type === undefined ? {} : { [`gigabytes_${type.name}`]: size / 1024 };
}

/** @throws HttpError 400 with a top-level array for the first quota that would be exceeded. */
export function charge({ api: { world } }: Call, tenantUuid: Uuid, amounts: Amounts): void {
  const excess = world.excess(tenantUuid, amounts);
  if (excess !== undefined) throw invalidList(`One or more quotas were exceeded: ${textOf(excess)}`);
  world.addUsage(tenantUuid, amounts);
}

const textOf = ({ name, limit, required }: Excess): string => {
  const fraction = name.startsWith('gigabytes_') && Number.isInteger(required);
  return `${name} quota limit: ${limit}, requires ${required}${fraction ? '.0' : ''}`;
};
