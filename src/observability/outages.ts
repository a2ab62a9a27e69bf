/** Every call fails while Waldur cannot be reached; one line in this time tells enough, in ms. */
const QUIET_MS = 10_000;

/**
 * Says in the log why no connection to Waldur can be opened. Clients are only told that it is not available.
 * @param now measures durations; see `Time`.
 */
export function outageLog(
  log: { warn(details: object, message: string): void },
  now: () => number,
): (reason: Error) => void {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return (reason) => {
    if (now() < quietUntil) return;
    quietUntil = now() + QUIET_MS;
    log.warn({ reason: wordsOf(reason) }, 'Waldur cannot be reached');
  };
}

/** A name with several addresses fails with an error for each of them, and no words for all. */
const wordsOf = (reason: unknown): string => {
  if (reason instanceof AggregateError && reason.errors.length > 0) return reason.errors.map(wordsOf).join('; ');
  return reason instanceof Error ? reason.message : String(reason);
};
