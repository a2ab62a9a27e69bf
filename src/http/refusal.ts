import type { ErrorCode } from '../errors.ts';

/** A request that never becomes an operation: the status and body it is answered with. */
export interface Refusal {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body of a refusal, of the same shape as any GraphQL error. */
export const refusalBody = ({ code, message }: Refusal): string =>
  JSON.stringify({ errors: [{ message, extensions: { code } }] });
