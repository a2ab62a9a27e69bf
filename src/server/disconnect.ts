/** Codes of errors that mean that the peer has gone, or that something was written after it had gone. */
const CODES: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ECONNABORTED',
  'ECANCELED',
  'ETIMEDOUT',
  'ENOTCONN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_UNABLE_TO_PIPE',
]);

/**
 * Whether an error of the connection to a client means that the client disconnected. Clients may do that at any time, so it is not a failure of
 * the gateway. Only for errors of reading from and writing to clients: the connection to Waldur fails with the same codes.
 */
export const isDisconnect = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && CODES.has(error.code);
