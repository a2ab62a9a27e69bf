import KeyvRedis from '@keyv/redis';
import Keyv from 'keyv';
import type { Kept, SharedStore } from './store.ts';

const NAMESPACE = 'waldur-gateway';

/**
 * A store that replicas share. A Redis that is away is not waited for and not an error: whoever asks goes on without.
 * @param onError told when the connection fails; not of each operation that fails meanwhile.
 */
export function openRedis(url: string, onError: (error: unknown) => void): SharedStore {
  const adapter = new KeyvRedis<Kept>(
    // Without a queue a command fails at once while there is no connection, instead of waiting for one.
    { url, disableOfflineQueue: true, socket: { connectTimeout: 2_000, reconnectStrategy: reconnectAfter } },
    { throwOnConnectError: false, throwOnErrors: true },
  );
  const keyv = new Keyv<Kept>({ store: adapter, namespace: NAMESPACE, useKeyPrefix: false, throwOnErrors: true });
  adapter.on('error', onError);
  keyv.on('error', () => {});
  // Redis alone says when an entry ends. Keyv would write a time by the clock of whoever writes, and read it by the clock of whoever reads.
  const { serialize } = keyv;
  if (serialize) keyv.serialize = (entry) => serialize(withoutEnd(entry));
  return {
    keyv,
    shared: true,
    async read(key, besideKey) {
      // The first one opens the connection; a command beside it would find it half open, and fail.
      const client = await adapter.getClient();
      // Its life first: when the entry is written anew in between, it seems older than it is.
      const [lifeLeft, [kept, beside]] = await Promise.all([
        client.pTTL(adapter.createKeyPrefix(key, NAMESPACE)),
        keyv.get([key, besideKey]),
      ]);
      return { kept, lifeLeft, beside };
    },
    close: () => adapter.disconnect(true),
  };
}

/** @returns ms until the next try. */
const reconnectAfter = (attempts: number): number => Math.min(100 * 2 ** attempts, 2_000);

const withoutEnd = <Entry extends { expires?: number | undefined }>({ expires: _, ...entry }: Entry) => entry;
