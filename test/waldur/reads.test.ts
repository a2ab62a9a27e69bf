import { describe, expect, it } from 'vitest';
import { splitAddress } from '../../src/waldur/calls.ts';
import {
  CALLER,
  clientOf,
  failure,
  httpUpstream,
  jsonUpstream,
  OTHER_UUID,
  sendJson,
  UUID,
} from './support/upstreams.ts';

const S = `/api/openstack-snapshots/${UUID}/`;

describe('lists', () => {
  it('sends filter, order, page and fields', async () => {
    const upstream = await jsonUpstream(200, [], { 'x-result-count': '0' });
    await clientOf(upstream.url).listSnapshots(CALLER, {
      filter: { nameExact: 'a&b=c', state: ['OK', 'ERRED', 'OK'], tenantUuid: OTHER_UUID, canManage: true },
      order: [
        { field: 'SOURCE_VOLUME_NAME', direction: 'DESC' },
        { field: 'CREATED', direction: 'ASC' },
      ],
      page: 3,
      pageSize: 300,
      fields: ['uuid', 'state'],
    });
    expect(upstream.seen[0]?.url).toBe(
      `/api/openstack-snapshots/?name_exact=a%26b%3Dc&state=OK&state=ERRED&tenant_uuid=${OTHER_UUID}&can_manage=true` +
        '&o=-source_volume_name,created&page=3&page_size=300&field=uuid&field=state',
    );
  });

  it('requests volumes in the same way', async () => {
    const upstream = await jsonUpstream(200, [{ uuid: UUID }], { 'x-result-count': '41' });
    const query = { filter: { snapshotUuid: UUID }, order: [], page: 1, pageSize: 1 };
    const page = { rows: [{ uuid: UUID }], total: 41, counted: 41 };
    expect(await clientOf(upstream.url).listVolumes(CALLER, query)).toEqual(page);
    expect(upstream.seen[0]?.url).toBe(`/api/openstack-volumes/?snapshot_uuid=${UUID}&page_size=1`);
  });

  it.each([
    ['as the header says', { 'x-result-count': '301' }, 20, 1, 301],
    ['as a last page tells', {}, 7, 3, 47],
    ['unknown after a full page', {}, 20, 1, undefined],
    ['unknown after an empty page that is not the first', {}, 0, 2, undefined],
    ['0 after an empty first page that says so', { 'x-result-count': '0' }, 0, 1, 0],
    ['what a page that is not full shows, not what the header says', { 'x-result-count': '1000000' }, 7, 3, 47],
    ['unknown where the header says more than any list has', { 'x-result-count': '2147483648' }, 20, 1, undefined],
    ['not what a broken header says', { 'x-result-count': '-1' }, 20, 1, undefined],
  ])('the total is %s', async (_, headers, count, page, total) => {
    const rows = Array.from({ length: count }, () => ({ uuid: UUID }));
    const upstream = await jsonUpstream(200, rows, headers);
    expect((await clientOf(upstream.url).listSnapshots(CALLER, { page, pageSize: 20 })).total).toBe(total);
  });

  it('an empty first page with a non-zero total is not an empty list', async () => {
    const upstream = await jsonUpstream(200, [], { 'x-result-count': '5' });
    const asking = clientOf(upstream.url).listSnapshots(CALLER, { page: 1, pageSize: 20 });
    expect(await failure(asking)).toMatchObject({ code: 'UPSTREAM_ERROR' });
  });

  it('a page past the end is empty; a missing list is an error', async () => {
    const upstream = await jsonUpstream(404, { detail: 'Vigane lehekülg.' });
    const client = clientOf(upstream.url);
    expect(await client.listSnapshots(CALLER, { page: 2, pageSize: 20 })).toEqual({ rows: [], total: undefined });
    expect(await failure(client.listSnapshots(CALLER, { page: 1, pageSize: 20 }))).toMatchObject({
      code: 'UPSTREAM_ERROR',
    });
  });

  it.each([
    { page: 0, pageSize: 20 },
    { page: 1.5, pageSize: 20 },
    { page: 1, pageSize: 0 },
    { page: 1, pageSize: 301 },
  ])('%j is a caller error', async (query) => {
    const upstream = await jsonUpstream(200, []);
    await expect(clientOf(upstream.url).listSnapshots(CALLER, query)).rejects.toThrow(RangeError);
    expect(upstream.seen).toHaveLength(0);
  });

  it('counts with one column of one row', async () => {
    const upstream = await jsonUpstream(200, [{ uuid: UUID }], { 'x-result-count': '385' });
    const client = clientOf(upstream.url);
    expect(await client.countSnapshots(CALLER, { name: 'x' })).toBe(385);
    expect(await client.countVolumes(CALLER, undefined)).toBe(385);
    expect(upstream.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/openstack-snapshots/?name=x&page_size=1&field=uuid',
      'GET /api/openstack-volumes/?page_size=1&field=uuid',
    ]);
  });

  it('does not guess a missing count', async () => {
    const upstream = await jsonUpstream(200, [{ uuid: UUID }]);
    expect(await failure(clientOf(upstream.url).countSnapshots(CALLER, {}))).toMatchObject({ code: 'UPSTREAM_ERROR' });
  });

  it('a filter by uuid is a detail GET with the other filters', async () => {
    const upstream = await httpUpstream((response, { url }) => {
      if (url.includes('state=OK')) sendJson(response, 200, { uuid: UUID });
      else sendJson(response, 404, { detail: 'No Snapshot matches the given query.' });
    });
    const client = clientOf(upstream.url);
    const list = (state: 'OK' | 'ERRED', page: number) =>
      client.listSnapshots(CALLER, { filter: { uuid: UUID, state: [state] }, page, pageSize: 5, fields: ['uuid'] });
    expect(await list('OK', 1)).toEqual({ rows: [{ uuid: UUID }], total: 1 });
    expect(await list('OK', 2)).toEqual({ rows: [], total: 1 });
    expect(await list('ERRED', 1)).toEqual({ rows: [], total: 0 });
    expect(await client.countSnapshots(CALLER, { uuid: UUID, state: ['OK'] })).toBe(1);
    expect(upstream.seen[0]?.url).toBe(`${S}?state=OK&field=uuid`);
  });

  it('gives a filter that Waldur refused its GraphQL name', async () => {
    const upstream = await jsonUpstream(400, { name_exact: ['Null characters are not allowed.'] });
    const error = await failure(clientOf(upstream.url).listSnapshots(CALLER, { page: 1, pageSize: 1 }));
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', details: { argument: 'filter.nameExact' } });
    expect(error.message).toContain('Null characters are not allowed.');
  });

  it('leaves a refusal that names no filter unchanged', async () => {
    const upstream = await jsonUpstream(400, { o: ['Select a valid choice.'] });
    const error = await failure(clientOf(upstream.url).listSnapshots(CALLER, { page: 1, pageSize: 1 }));
    expect(error.details.argument).toBeUndefined();
  });
});

describe('single objects', () => {
  it('are requested with fields and a filter', async () => {
    const upstream = await jsonUpstream(200, { uuid: UUID });
    const client = clientOf(upstream.url);
    await client.getSnapshot(CALLER, UUID, { fields: ['uuid'], filter: { projectName: 'ü' } });
    await client.getVolume(CALLER, UUID, { fields: [] });
    expect(upstream.seen.map(({ url }) => url)).toEqual([
      `${S}?project_name=%C3%BC&field=uuid`,
      `/api/openstack-volumes/${UUID}/`,
    ]);
  });

  it('have restorations in both spellings', async () => {
    const upstream = await jsonUpstream(200, [{ volume_state: 'Creating' }, 5]);
    const rows = await clientOf(upstream.url).getRestorations(CALLER, UUID);
    expect(rows?.[0]).toEqual({ volume_state: 'CREATING' });
    expect(rows?.[1]).toBeInstanceOf(Error);
    expect(upstream.seen[0]?.url).toBe(`${S}restorations/`);
  });

  it('pass on a failure of restorations unless the snapshot is missing', async () => {
    const upstream = await jsonUpstream(403, {});
    expect(await failure(clientOf(upstream.url).getRestorations(CALLER, UUID))).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('the URL of Waldur', () => {
  it.each([
    ['http://h', 'http://h', '/api/'],
    ['http://h/', 'http://h', '/api/'],
    ['http://h/api', 'http://h', '/api/'],
    ['http://h/api/', 'http://h', '/api/'],
    ['https://h:8443/api//', 'https://h:8443', '/api/'],
    ['http://h/waldur', 'http://h', '/waldur/api/'],
    ['http://h/waldur/api/', 'http://h', '/waldur/api/'],
    ['http://h/my-api', 'http://h', '/my-api/api/'],
    ['http://[::1]:1/', 'http://[::1]:1', '/api/'],
  ])('%s', (url, origin, base) => {
    expect(splitAddress(url)).toEqual({ origin, base });
  });

  it('with a prefix, every call stays under it', async () => {
    const upstream = await jsonUpstream(200, {});
    const client = clientOf(`${upstream.url}/prefix/`);
    await client.getSnapshot(CALLER, UUID);
    await client.probe();
    expect(upstream.seen.map(({ url }) => url)).toEqual([`/prefix${S}`, '/prefix/api/']);
  });
});

describe('objects that snapshots and volumes belong to', () => {
  it('have the columns of rows of volumes', async () => {
    const upstream = await jsonUpstream(200, [{ uuid: UUID, name: 'n', url: '/p/', other: 1 }], {
      'x-result-count': '1',
    });
    const query = {
      filter: { name: 'a&b', customerUuid: OTHER_UUID },
      order: [{ field: 'NAME', direction: 'ASC' } as const],
      page: 1,
      pageSize: 20,
      fields: ['uuid', 'project_uuid', 'project_name', 'project'],
    };
    const { rows } = await clientOf(upstream.url).related.project.list(CALLER, query, {});
    expect(rows).toEqual([{ uuid: UUID, project_uuid: UUID, project_name: 'n', project: '/p/' }]);
    expect(upstream.seen[0]?.url).toBe(
      `/api/projects/?name=a%26b&customer=${OTHER_UUID}&o=name&page_size=20&field=uuid&field=name&field=url`,
    );
  });

  it('are not sorted where Waldur ignores sort keys', async () => {
    const upstream = await jsonUpstream(200, [], { 'x-result-count': '0' });
    const order = [{ field: 'CREATED', direction: 'ASC' } as const];
    await clientOf(upstream.url).related.image.list(CALLER, { order, page: 1, pageSize: 300, fields: ['image'] }, {});
    expect(upstream.seen[0]?.url).toBe('/api/openstack-images/?page_size=300&field=url');
  });

  it('have no other columns', async () => {
    const upstream = await jsonUpstream(200, [], {});
    const client = clientOf(upstream.url);
    await expect(client.related.project.get(CALLER, UUID, { fields: ['quotas'] }, {})).rejects.toThrow(RangeError);
    expect(upstream.seen).toEqual([]);
  });

  it('are null where they do not exist', async () => {
    const upstream = await jsonUpstream(404, { detail: 'No Project matches the given query.' });
    expect(await clientOf(upstream.url).related.project.get(CALLER, UUID, {}, {})).toBeNull();
  });
});
