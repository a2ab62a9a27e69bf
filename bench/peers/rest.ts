import DataLoader from 'dataloader';
import { Pool } from 'undici';
import type { PeerContext } from './schema.ts';
import { UPSTREAM } from './serve.ts';

/** A row of REST. */
export type Row = Readonly<Record<string, unknown>>;

/** One GET; answers null for 404. */
export type Get = (path: string) => Promise<{ body: unknown; total: number } | null>;

const pool = new Pool(UPSTREAM, { connections: 64 });

/** Reads with undici, the fastest client there is for Node. */
export const getWithUndici =
  (authorization: string | undefined): Get =>
  async (path) => {
    const { statusCode, headers, body } = await pool.request({
      method: 'GET',
      path,
      headers: { accept: 'application/json', ...(authorization !== undefined && { authorization }) },
    });
    if (statusCode === 404) {
      await body.dump();
      return null;
    }
    if (statusCode !== 200) throw new Error(`Waldur answered ${statusCode}`);
    return { body: await body.json(), total: Number(headers['x-result-count'] ?? 0) };
  };

/** Reads with fetch, what a tutorial shows. */
export const getWithFetch =
  (authorization: string | undefined): Get =>
  async (path) => {
    const headers = { accept: 'application/json', ...(authorization !== undefined && { authorization }) };
    const response = await fetch(`${UPSTREAM}${path}`, { headers });
    if (response.status === 404) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok) throw new Error(`Waldur answered ${response.status}`);
    return { body: await response.json(), total: Number(response.headers.get('x-result-count') ?? 0) };
  };

const one = async (get: Get, path: string): Promise<Row | null> => ((await get(path))?.body as Row | undefined) ?? null;

/** Every join is a call. */
export function naiveContext(get: Get): PeerContext {
  return {
    snapshot: (uuid, query) => one(get, `/api/openstack-snapshots/${uuid}/${query}`),
    async snapshots(query) {
      const page = await get(`/api/openstack-snapshots/${query}`);
      return { rows: (page?.body as Row[] | undefined) ?? [], total: page?.total ?? 0 };
    },
    volume: (uuid) => one(get, `/api/openstack-volumes/${uuid}/`),
  };
}

/** Joins go through a DataLoader, new for each request. REST has no fetch by many, so a batch is parallel calls for distinct keys. */
export function batchingContext(get: Get): PeerContext {
  const naive = naiveContext(get);
  const loader = new DataLoader<string, Row | null>((uuids) =>
    Promise.all(uuids.map((uuid) => naive.volume(uuid).catch((error: Error) => error))),
  );
  return { ...naive, volume: (uuid) => loader.load(uuid) };
}
