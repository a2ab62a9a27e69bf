/**
 * Why a subscription starts with RESET. `start`: it has no cursor. Of a cursor: `cursor` (forged, or of another caller, filter or key),
 * `restart` (of another run of the informer), `too-old` (its events are no longer logged), `fields` (a field was not watched then).
 * `slow-reader`: within a running subscription.
 */
export const RESET_CAUSES = ['start', 'cursor', 'restart', 'too-old', 'fields', 'slow-reader'] as const;
export type ResetCause = (typeof RESET_CAUSES)[number];

/** Receives what happens in the engine, for metrics. */
export interface LiveObserver {
  /** A subscription resumed at its cursor. */
  resumed(): void;
  reset(cause: ResetCause): void;
  /** Rows of an informer were compared with Waldur. @param drifted those that were wrong for too long. */
  checked(rows: number, drifted: number): void;
}

export const NO_OBSERVER: LiveObserver = { resumed() {}, reset() {}, checked() {} };
