import { sameJson } from '../domain/diff.ts';
import type { Delta } from '../live/delta.ts';
import type { LogEntry } from '../live/delta-log.ts';
import type { HeldRow } from '../live/types.ts';

/** How entries of a shared log are written: as JSON, each row once. */

/** The row before a change: what differs from the row after it. */
interface Before {
  readonly state: HeldRow['state'];
  readonly at: number;
  readonly fields: Record<string, unknown>;
  /** Fields that only the row after the change has. */
  readonly without: readonly string[];
}

interface Written {
  readonly sequence: number;
  readonly epoch: string;
  readonly previous: string;
  readonly delta:
    | (Pick<Delta, 'uuid' | 'after' | 'leftAs' | 'observedAt' | 'counts'> & { before: Before | null })
    | null;
}

const NOTHING: HeldRow['fields'] = {};

export function encodeEntry({ sequence, epoch, previous, delta }: LogEntry): string {
  const written: Written = { sequence, epoch, previous, delta: null };
  if (delta === null) return JSON.stringify(written);
  const { uuid, before, after, leftAs, observedAt, counts } = delta;
  return JSON.stringify({
    ...written,
    delta: {
      uuid,
      before: before && encodeBefore(before, after?.fields ?? NOTHING),
      after,
      leftAs,
      observedAt,
      counts,
    },
  });
}

/** @throws for anything but an entry. */
export function decodeEntry(text: string): LogEntry {
  const { sequence, epoch, previous, delta } = JSON.parse(text) as Written;
  if (delta === null) return { sequence, epoch, previous, delta };
  const { uuid, before, after, ...rest } = delta;
  const decoded = before && decodeBefore(uuid, before, after?.fields ?? NOTHING);
  return {
    sequence,
    epoch,
    previous,
    delta: { first: sequence, last: sequence, uuid, before: decoded, after, ...rest },
  };
}

function encodeBefore({ state, observedAt, fields }: HeldRow, after: HeldRow['fields']): Before {
  const differing = Object.entries(fields).filter(([name, value]) => !(name in after) || !sameJson(value, after[name]));
  return {
    state,
    at: observedAt,
    fields: Object.fromEntries(differing),
    without: Object.keys(after).filter((name) => !(name in fields)),
  };
}

function decodeBefore(uuid: string, { state, at, fields, without }: Before, after: HeldRow['fields']): HeldRow {
  const known = Object.entries(after).filter(([name]) => !without.includes(name));
  return { uuid, state, fields: { ...Object.fromEntries(known), ...fields }, observedAt: at };
}
