interface OutageLog {
  /** An outage of Waldur began. */
  began(reason: Error): void;
  /** It is over. @param ms how long it lasted. */
  over(ms: number): void;
}

/** Logs each outage of Waldur once, with its reason, and once when it is over. Clients are only told that Waldur is not available. */
export const outageLog = (log: {
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}): OutageLog => ({
  began: (reason) => log.warn({ reason: reasonOf(reason) }, 'Waldur cannot be reached'),
  over: (ms) => log.info({ outageSeconds: Math.round(ms / 100) / 10 }, 'Waldur can be reached again'),
});

/** A host name with several addresses fails with one error for each of them, without a message for all. */
const reasonOf = (reason: unknown): string => {
  if (reason instanceof AggregateError && reason.errors.length > 0) return reason.errors.map(reasonOf).join('; ');
  return reason instanceof Error ? reason.message : String(reason);
};
