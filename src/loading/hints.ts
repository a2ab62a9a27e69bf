import type { Filter } from './lists.ts';

/**
 * What is known of where an object can be found: a list that holds it. The narrowest comes first. A hint may be wrong (an object may
 * have moved), so what is not found by it is asked for by itself.
 */
export interface Hint {
  readonly filter: Filter;
  /** Objects in that list, where the hint tells. */
  readonly total?: number;
}

/** Conditions that an object shares with the snapshots of a volume, the volume of a snapshot and the volumes restored from it. */
const SHARED_CONDITIONS = ['tenantUuid', 'tenant', 'projectUuid', 'project'] as const;

/** The part of a list's filter that also holds for what belongs to its rows. */
export function scopeOf(filter: Filter): Filter | undefined {
  let scope: Record<string, Filter[string]> | undefined;
  for (const name of SHARED_CONDITIONS) {
    const value = filter[name];
    if (value === undefined) continue;
    scope ??= {};
    scope[name] = value;
  }
  return scope;
}

/** Columns that tell hints, where they were asked for. */
export const HINT_COLUMNS = ['tenant_uuid', 'project_uuid'] as const;

/** Hints from columns that were asked for anyway. */
export function hintsOfRow(row: object): Hint[] {
  const { tenant_uuid: tenantUuid, project_uuid: projectUuid } = row as {
    tenant_uuid?: unknown;
    project_uuid?: unknown;
  };
  if (typeof tenantUuid === 'string') return [{ filter: { tenantUuid } }];
  return typeof projectUuid === 'string' ? [{ filter: { projectUuid } }] : [];
}
