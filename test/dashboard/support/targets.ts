import type { Browser } from '../../support/browser.ts';
import type { Running } from '../../support/gateway.ts';
import { type Live, openLive } from './page.ts';

/** A snapshot to work with. */
export interface Target {
  readonly name: string;
  readonly uuid: string;
}

/** As another client would change it. */
export const change = ({ simulator }: Running, uuid: string, fields: object) =>
  simulator.control('PATCH', `/__sim/snapshots/${uuid}`, Buffer.from(JSON.stringify(fields)));

/** Name and uuid of a settled snapshot of the made-up world whose name no other one has. */
export function settledIn({ simulator }: Running): Target {
  const all = [...simulator.world.tables.snapshots.values()];
  const found = all.find(
    ({ state, name, project_uuid, backend_id }) =>
      /^ok$/i.test(state) &&
      backend_id !== null &&
      project_uuid !== null &&
      all.filter((one) => one.name === name).length === 1,
  );
  if (found === undefined) throw new Error('the made-up world has no such snapshot');
  return found;
}

/** Token of a role of the made-up world. */
export function tokenOfRole({ simulator }: Running, wanted: string): string {
  const user = simulator.tokens().find(({ role }) => role === wanted);
  if (user === undefined) throw new Error(`the made-up world has no ${wanted}`);
  return user.token;
}

/** Opens the page as staff, who sees all, on one snapshot. */
export async function openAsStaff(browser: Browser, gateway: Running, { name, uuid }: Target): Promise<Live> {
  const live = await openLive(browser, gateway.url, { query: `?q=${uuid}`, token: tokenOfRole(gateway, 'staff') });
  await live.open(name);
  return live;
}
