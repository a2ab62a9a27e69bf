import KeyvRedis from '@keyv/redis';
import Keyv from 'keyv';
import type { CacheEntry, SharedStore } from './store.ts';

const NAMESPACE = 'waldur-gateway';

/**
 * A store that replicas share. While Redis is unavailable, operations fail immediately and the gateway works without the cache.
 * @param onError called when the connection fails, not for each operation that fails meanwhile.
 */
export function openRedis(url: string, onError: (error: unknown) => void): SharedStore {
  const adapter = new KeyvRedis<CacheEntry>(
    // Without the queue, a command fails immediately while there is no connection.
    { url, disableOfflineQueue: true, socket: { connectTimeout: 2_000, reconnectStrategy: reconnectAfter } },
    { throwOnConnectError: false, throwOnErrors: true },
  );
  const keyv = new Keyv<CacheEntry>({ store: adapter, namespace: NAMESPACE, useKeyPrefix: false, throwOnErrors: true });
  adapter.on('error', onError);
  keyv.on('error', () => {});
  // Only Redis decides when an entry expires. Keyv's own expiry would depend on the clocks of two processes.
  const { serialize } = keyv;
  if (serialize) keyv.serialize = (entry) => serialize(withoutExpiry(entry));
  return {
    keyv,
    shared: true,
    async read(key, besideKey) {
      // The first call opens the connection; a concurrent command would find it half open and fail.
      const client = await adapter.getClient();
      // The remaining life is read first. If the entry is replaced in between, it seems older than it is, which is safe.
      const [lifeLeft, [entry, beside]] = await Promise.all([
        client.pTTL(adapter.createKeyPrefix(key, NAMESPACE)),
        keyv.get([key, besideKey]),
      ]);
      return { entry, lifeLeft, beside };
    },
    close: () => adapter.disconnect(true),
  };
}

/** @returns ms until the next attempt. */
const reconnectAfter = (attempts: number): number => Math.min(100 * 2 ** attempts, 2_000);

const withoutExpiry = <Entry extends { expires?: number | undefined }>({ expires: _, ...entry }: Entry) => entry;
