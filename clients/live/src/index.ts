export { resumable } from './resumable.ts';
export type { RetryOptions } from './retry.ts';
export type { TableStorage } from './saved.ts';
export type { Payload, Result, Sink, StreamClient } from './types.ts';
export {
  type QueryOptions,
  type RootOptions,
  type Row,
  type Table,
  type TableState,
  type WatchOptions,
  watch,
} from './watch.ts';
