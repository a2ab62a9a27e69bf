import { describe, expect, it } from 'vitest';
import { parseState } from '../../src/domain/states.ts';
import { CALLER, clientOf, failure, httpUpstream, sendJson, type Upstream, UUID } from './support/upstreams.ts';

/** Understands one spelling, as a Waldur of that time does. */
const speaking = (legacy: () => boolean): Promise<Upstream> =>
  httpUpstream((response, { url }) => {
    const states = new URL(url, 'http://x').searchParams.getAll('state');
    const wrong = states.find((state) => state !== 'OK' && (state === parseState(state)) === legacy());
    if (wrong === undefined) sendJson(response, 200, url.includes('?') ? [] : {}, { 'x-result-count': '0' });
    else sendJson(response, 400, { state: [`Vali sobiv. ${wrong}`] });
  });

const QUERY = { filter: { state: ['ERRED', 'UPDATE_SCHEDULED'] }, page: 1, pageSize: 1 } as const;

describe('the spelling of states in filters', () => {
  it('is the newer one at first', async () => {
    const upstream = await speaking(() => false);
    await clientOf(upstream.url).listSnapshots(CALLER, QUERY);
    expect(upstream.seen.map(({ url }) => url)).toEqual([
      '/api/openstack-snapshots/?state=ERRED&state=UPDATE_SCHEDULED&page_size=1',
    ]);
  });

  it('is the older one after a refusal, and remembered for every kind of object', async () => {
    const upstream = await speaking(() => true);
    const client = clientOf(upstream.url);
    await client.listSnapshots(CALLER, QUERY);
    await client.countVolumes(CALLER, { state: ['CREATING'] });
    await client.listSnapshots(CALLER, { filter: {}, page: 1, pageSize: 1 });
    expect(upstream.seen.map(({ url }) => url.split('?')[1])).toEqual([
      'state=ERRED&state=UPDATE_SCHEDULED&page_size=1',
      'state=Erred&state=Update%20Scheduled&page_size=1',
      'state=Creating&page_size=1&field=uuid',
      'page_size=1',
    ]);
  });

  it('is the newer one again after an upgrade of Waldur', async () => {
    let legacy = true;
    const upstream = await speaking(() => legacy);
    const client = clientOf(upstream.url);
    await client.listSnapshots(CALLER, QUERY);
    legacy = false;
    await client.listSnapshots(CALLER, QUERY);
    await client.listSnapshots(CALLER, QUERY);
    expect(upstream.seen.map(({ url }) => url.includes('ERRED'))).toEqual([true, false, false, true, true]);
  });

  it('a state that is refused in both is an error, and nothing is remembered', async () => {
    const upstream = await httpUpstream((response) => sendJson(response, 400, { state: ['Nope.'] }));
    const client = clientOf(upstream.url);
    for (const times of [1, 2]) {
      const error = await failure(client.listSnapshots(CALLER, QUERY));
      expect(error).toMatchObject({ code: 'BAD_USER_INPUT', details: { argument: 'filter.state' } });
      expect(upstream.seen).toHaveLength(2 * times);
    }
    expect(upstream.seen.map(({ url }) => url.includes('ERRED'))).toEqual([true, false, true, false]);
  });

  it('is not retried for another refusal, nor without states', async () => {
    const upstream = await httpUpstream((response, { url }) =>
      sendJson(response, 400, url.includes('state=') ? { name: ['Nope.'] } : { state: ['Nope.'] }),
    );
    const client = clientOf(upstream.url);
    await failure(client.listSnapshots(CALLER, QUERY));
    await failure(client.getSnapshot(CALLER, UUID, { filter: { state: [] } }));
    expect(upstream.seen).toHaveLength(2);
  });

  it('is detected by a detail GET too', async () => {
    const upstream = await speaking(() => true);
    await clientOf(upstream.url)
      .listVolumes(CALLER, { filter: { uuid: UUID, state: ['CREATING'] }, page: 1, pageSize: 1 })
      .catch(() => {});
    expect(upstream.seen.map(({ url }) => url)).toEqual([
      `/api/openstack-volumes/${UUID}/?state=CREATING`,
      `/api/openstack-volumes/${UUID}/?state=Creating`,
    ]);
  });
});
