import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { at, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';
import { ask, TRANSPORTS } from './support/transports.ts';

/** An upstream that names other hosts in what it answers. */

const gateway = useGateway();
const foreign = useForeignHost();
const authorization = `Token ${tokenOf('staff')}`;
const snapshot = uuidOf.snapshot('rw-target');
const volume = uuidOf.volume('db-data');
const SNAPSHOTS = '/api/openstack-snapshots/';
const json = { 'content-type': 'application/json' };

describe('case 2: only the uuid of a URL in a response is used; the foreign host gets no request', () => {
  it.each(['source_volume', 'restorations'])('%s', async (column) => {
    const address = `${foreign().url}/api/openstack-volumes/${volume}/`;
    const row = {
      uuid: snapshot,
      url: `${foreign().url}${SNAPSHOTS}${snapshot}/`,
      source_volume: address,
      source_volume_name: 'x',
      restorations: [{ uuid: snapshot, created: '2026-01-01T00:00:00Z', volume: address, volume_name: 'x' }],
    };
    gateway().simulator.faults.add({ path: SNAPSHOTS, status: 200, headers: json, body: JSON.stringify(row) });
    const { data, errors } = await gateway().query(
      `{ snapshot(uuid: "${snapshot}") {
        sourceVolume { uuid bootable } restorations { volume { uuid bootable } } } }`,
    );
    const seen = column === 'source_volume' ? ['sourceVolume'] : ['restorations', 0, 'volume'];
    expect(errors).toBeUndefined();
    expect(at(data, 'snapshot', ...seen)).toEqual({ uuid: volume, bootable: expect.any(Boolean) });
    const hosts = new Set((await gateway().requests()).map(({ headers }) => headers.host));
    expect(hosts).toEqual(new Set([new URL(gateway().simulator.url).host]));
    expect(foreign().connections).toBe(0);
  });

  it.each(['../../users/me/', 'x', '', `${volume}/../${snapshot}/unlink/`, `${volume}?field=uuid`])(
    'a URL that ends in %j matches no object',
    async (end) => {
      const row = { uuid: snapshot, source_volume: `${foreign().url}/api/openstack-volumes/${end}` };
      gateway().simulator.faults.add({ path: SNAPSHOTS, status: 200, headers: json, body: JSON.stringify(row) });
      const { data } = await gateway().query(`{ snapshot(uuid: "${snapshot}") { sourceVolume { uuid size } } }`);
      expect(at(data, 'snapshot', 'sourceVolume') ?? null).toBeNull();
      expect(Object.keys(gateway().callsByRoute())).toEqual(['GET /api/openstack-snapshots/{uuid}/']);
      expect(foreign().connections).toBe(0);
    },
  );
});

describe('case 3: a `Link` header is ignored, whatever its host', () => {
  it.each([
    ['a foreign host', () => foreign().url],
    ['the machine itself', () => 'http://127.0.0.1:22'],
    ['metadata of a cloud', () => 'http://169.254.169.254'],
  ])('%s', async (_name, host) => {
    const link = `<${host()}${SNAPSHOTS}?page=2>; rel="next", <${host()}${SNAPSHOTS}?page=9>; rel="last"`;
    gateway().simulator.faults.add({ path: SNAPSHOTS, headers: { link } });
    const query = '{ snapshots(first: 400) { totalCount pageInfo { hasNextPage } nodes { uuid } } }';
    const spoiled = await gateway().query(query);
    const hosts = new Set((await gateway().requests()).map(({ headers }) => headers.host));
    expect(hosts).toEqual(new Set([new URL(gateway().simulator.url).host]));
    gateway().simulator.faults.clear();
    expect(spoiled.errors).toBeUndefined();
    expect(spoiled.data).toEqual((await gateway().query(query)).data);
    expect(foreign().connections).toBe(0);
  });
});

describe('case 4: a redirect is UPSTREAM_ERROR; it is not followed and no credentials are sent', () => {
  it.each([300, 301, 302, 303, 304, 305, 306, 307, 308])('%i', async (status) => {
    const locations = [foreign().url, `${gateway().simulator.url}/api/users/me/`, '//127.0.0.1/'];
    for (const [round, location] of locations.entries()) {
      gateway().simulator.faults.add({ status, headers: { location }, times: 1 });
      const transport = TRANSPORTS[round] ?? 'HTTP';
      const { codes } = await ask(gateway().url, transport, { query: '{ viewer { uuid } }' }, { authorization });
      expect(codes).toEqual(['UPSTREAM_ERROR']);
    }
    expect(gateway().callsByRoute()).toEqual({ 'GET /api/users/me/': locations.length });
    expect(foreign().connections).toBe(0);
  });

  it.each([301, 302, 307, 308])('%i for a change', async (status) => {
    gateway().simulator.faults.add({ method: 'DELETE', status, headers: { location: foreign().url } });
    const { errors } = await gateway().query(
      `mutation { deleteSnapshot(input: { uuid: "${snapshot}" }) { scheduled } }`,
    );
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_ERROR' } }]);
    expect(gateway().callsByRoute()).toEqual({ 'DELETE /api/openstack-snapshots/{uuid}/': 1 });
    expect(foreign().connections).toBe(0);
  });
});

/** A host that the gateway has no business with. */
interface ForeignHost {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** Connections so far in this test: even one without a request says that it was called. */
  readonly connections: number;
}

/** One for a test file; it answers whatever it is asked with an empty list. */
function useForeignHost(): () => ForeignHost {
  let connections = 0;
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end('[]');
  }).on('connection', () => {
    connections += 1;
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => {
    connections = 0;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the foreign host does not listen');
    return { url: `http://127.0.0.1:${address.port}`, connections };
  };
}
