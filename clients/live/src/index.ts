export { resumable } from './resumable.ts';
export type { RetryOptions } from './retry.ts';
export type { Payload, Result, Sink, StreamClient } from './types.ts';
