import type { Pace } from './measure.ts';
import type { ServerName } from './servers.ts';
import type { RowSet } from './world.ts';

/** Under what the works are done. */
export interface Condition extends Pick<Pace, 'users' | 'generator'> {
  readonly name: ConditionName;
  /** Of the upstream, for each call, in ms. */
  readonly latencyMs: number;
  /** What the upstream sends. */
  readonly rows: RowSet;
  /** Only these servers; absent: all. */
  readonly servers?: readonly ServerName[];
}

export type ConditionName = 'plain' | 'autocannon' | 'one-user' | 'ascii' | 'keys-2024' | 'slow';

export const LATENCY_MS = 20;
const COMPARED: readonly ServerName[] = ['passthrough', 'ours', 'mercurius'];

const PLAIN: Condition = { name: 'plain', users: 'many', generator: 'own', latencyMs: 0, rows: '2026' };

/** In the order in which they are measured; the first one gets all rounds, the others half of them. */
export const CONDITIONS: readonly Condition[] = [
  PLAIN,
  { ...PLAIN, name: 'autocannon', generator: 'autocannon', servers: COMPARED },
  { ...PLAIN, name: 'one-user', users: 'one', servers: COMPARED },
  { ...PLAIN, name: 'ascii', rows: '2026-ascii', servers: [...COMPARED, 'by-hand'] },
  // The field lists of the peers are those of 2026.
  { ...PLAIN, name: 'keys-2024', rows: '2024', servers: ['passthrough', 'ours'] },
  { ...PLAIN, name: 'slow', latencyMs: LATENCY_MS },
];
