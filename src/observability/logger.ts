import { type Logger, pino } from 'pino';
import type { LogDestination } from './log-output.ts';

/**
 * The process's log: JSON lines, on standard error, so that what a person asked for on standard output stays readable.
 *
 * Nothing that could hold credentials is ever given to it: requests are logged by method and route, not by URL or headers. The
 * redaction below is the second line of defence, for errors that carry a request along.
 */
export const createLogger = (level: string, destination: LogDestination): Logger =>
  pino(
    {
      level,
      redact: {
        paths: [
          'authorization',
          'headers.authorization',
          'err.headers.authorization',
          '*.authorization',
          '*.headers.authorization',
          'token',
          '*.token',
        ],
        censor: '[redacted]',
      },
    },
    destination,
  );
