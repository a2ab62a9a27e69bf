import KeyvRedis from '@keyv/redis';
import Keyv from 'keyv';
import type { Kept, Store } from './store.ts';

const NAMESPACE = 'waldur-gateway';

/**
 * A store that replicas share. A Redis that is away is not waited for and not an error: whoever asks goes on without.
 * @param onError told when the connection fails; not of each operation that fails meanwhile.
 */
export function openRedis(url: string, onError: (error: unknown) => void): Store {
  const adapter = new KeyvRedis<Kept>(
    // Without a queue a command fails at once while there is no connection, instead of waiting for one.
    { url, disableOfflineQueue: true, socket: { connectTimeout: 2_000, reconnectStrategy: reconnectAfter } },
    { throwOnConnectError: false, throwOnErrors: true },
  );
  const keyv = new Keyv<Kept>({ store: adapter, namespace: NAMESPACE, useKeyPrefix: false, throwOnErrors: true });
  adapter.on('error', onError);
  keyv.on('error', () => {});
  return { keyv, shared: true, close: () => adapter.disconnect(true) };
}

/** @returns ms until the next try. */
const reconnectAfter = (attempts: number): number => Math.min(100 * 2 ** attempts, 2_000);
