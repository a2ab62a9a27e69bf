import path from 'node:path';
import { TRANSITIONAL_STATES } from '../../src/domain/states.ts';
import { NODE_FLAGS } from '../lib/node-flags.ts';
import { type Running, start } from '../lib/processes.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const RUN = path.join(ROOT, 'bin/run.mjs');

export interface World {
  readonly simulator: Running;
  readonly url: string;
  readonly token: string;
  /** Of a project with few snapshots, settled. */
  readonly uuids: readonly string[];
  /** Changes a snapshot as if it happened outside the gateway. */
  patch(uuid: string, changes: object): Promise<void>;
  calls(): Promise<number>;
  /** Gives every snapshot that is in transition a settled state, so that nothing moves. */
  settle(): Promise<void>;
}

/** The embedded Waldur in a process of its own, so that neither its memory nor its work counts for the gateway. */
export async function startWorld(...flags: readonly string[]): Promise<World> {
  const args = [RUN, path.join(ROOT, 'simulator/main.ts'), '--port', '0', '--frozen', ...flags];
  const simulator = await start({ name: 'the embedded Waldur', args, env: {}, place: 'load' });
  const url = `http://127.0.0.1:${simulator.port}`;
  const tokens = (await (await fetch(`${url}/__sim/tokens`)).json()) as { role: string; token: string }[];
  const token = tokens.find(({ role }) => role === 'staff')?.token;
  if (token === undefined) throw new Error('the embedded Waldur has no staff');
  const headers = { authorization: `Token ${token}` };
  const list = await fetch(`${url}/api/openstack-snapshots/?state=OK&page_size=300&field=uuid`, { headers });
  const uuids = ((await list.json()) as { uuid: string }[]).map(({ uuid }) => uuid);
  const patch = async (uuid: string, changes: object): Promise<void> => {
    const answer = await fetch(`${url}/__sim/snapshots/${uuid}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(changes),
    });
    if (!answer.ok) throw new Error(`the embedded Waldur refused a change: ${answer.status}`);
  };
  return {
    simulator,
    url,
    token,
    uuids,
    patch,
    async calls() {
      return ((await (await fetch(`${url}/__sim/stats`)).json()) as { total: number }).total;
    },
    async settle() {
      const states = TRANSITIONAL_STATES.map((state) => `&state=${state}`).join('');
      for (;;) {
        const moving = await fetch(`${url}/api/openstack-snapshots/?page_size=300&field=uuid${states}`, { headers });
        const rows = (await moving.json()) as { uuid: string }[];
        if (rows.length === 0) return;
        for (const { uuid } of rows) await patch(uuid, { state: 'OK' });
      }
    },
  };
}

/** The gateway before a Waldur, in a process that can be asked for its memory. */
export const startGateway = (world: World, env: Readonly<Record<string, string>> = {}): Promise<Running> =>
  start({
    name: 'the gateway',
    args: ['--expose-gc', ...NODE_FLAGS, path.join(import.meta.dirname, 'gateway.ts')],
    env: { WALDUR_API_URL: world.url, PORT: '0', LOG_LEVEL: 'error', MAX_CALLER_SUBSCRIPTIONS: '20000', ...env },
    place: 'tested',
  });

/** What it is compared with: graphql-ws as its documentation shows it. */
export const startPeer = (): Promise<Running> =>
  start({
    name: 'plain graphql-ws',
    args: ['--expose-gc', path.join(import.meta.dirname, 'peer.ts')],
    env: {},
    place: 'tested',
  });
