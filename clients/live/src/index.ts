export { resumable } from './resumable.ts';
export type { RetryOptions } from './retry.ts';
export type { TableStorage } from './saved.ts';
export { getDataID, keys, possibleTypes, resolvers, scalars, type TypePolicy, typePolicies } from './schema.ts';
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
