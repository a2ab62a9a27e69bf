import { expect, it, vi } from 'vitest';
import { tokenOf, useGateway, uuidOf } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';

/** Case 26 on a socket: the client leaves an operation, and the socket lives on. */

const gateway = useGateway();
const STUCK = '{ volumes { totalCount } }';
const inFlight = (count: number) =>
  vi.waitFor(() => expect(gateway().simulator.stats().inFlight).toBe(count), { interval: 2 });

async function connect() {
  const socket = await openSocket(gateway().url);
  await socket.init({ Authorization: `Token ${tokenOf('staff')}` });
  const subscribe = (id: string, query: string) => socket.send({ id, type: 'subscribe', payload: { query } });
  const complete = (id: string) => socket.send({ id, type: 'complete' });
  return { socket, subscribe, complete };
}

it('the calls of an abandoned query are aborted, and no message follows', async () => {
  const { socket, subscribe, complete } = await connect();
  gateway().simulator.faults.add({ path: '/api/openstack-volumes/', latencyMs: 60_000 });
  subscribe('left', STUCK);
  await inFlight(1);
  complete('left');
  await inFlight(0);
  subscribe('after', '{ viewer { username } }');
  expect(await socket.next()).toMatchObject({ id: 'after', type: 'next', payload: { data: { viewer: {} } } });
  socket.close();
});

it('its id can be used again immediately by an independent operation', async () => {
  const { socket, subscribe, complete } = await connect();
  gateway().simulator.faults.add({ path: '/api/openstack-volumes/', latencyMs: 60_000, times: 1 });
  subscribe('id', STUCK);
  await inFlight(1);
  complete('id');
  subscribe('id', STUCK);
  expect(await socket.next()).toMatchObject({ id: 'id', type: 'next', payload: { data: { volumes: {} } } });
  expect(await socket.next()).toMatchObject({ id: 'id', type: 'complete' });
  socket.close();
});

it('other operations of the socket continue', async () => {
  const { socket, subscribe, complete } = await connect();
  const { faults } = gateway().simulator;
  faults.add({ path: '/api/openstack-volumes/', latencyMs: 60_000 });
  faults.add({ path: '/api/users/me/', latencyMs: 200, times: 1 });
  subscribe('stays', '{ viewer { username } }');
  subscribe('left', STUCK);
  await inFlight(2);
  complete('left');
  expect(await socket.next()).toMatchObject({ id: 'stays', payload: { data: { viewer: { username: 'staff' } } } });
  socket.close();
});

it('a running change is not aborted', async () => {
  const { socket, subscribe, complete } = await connect();
  const uuid = uuidOf.snapshot('rw-target');
  gateway().simulator.faults.add({ method: 'DELETE', path: '/api/openstack-snapshots/', latencyMs: 200 });
  subscribe('write', `mutation { deleteSnapshot(input: { uuid: "${uuid}" }) { userErrors { code } } }`);
  await inFlight(1);
  complete('write');
  await vi.waitFor(async () => {
    const { data } = await gateway().query(`{ snapshot(uuid: "${uuid}") { state } }`);
    expect(data).toEqual({ snapshot: { state: 'DELETION_SCHEDULED' } });
  });
  socket.close();
});

it('a shared read is aborted when the last of its clients has left', async () => {
  const { socket, subscribe, complete } = await connect();
  gateway().simulator.faults.add({ path: '/api/openstack-volumes/', latencyMs: 60_000 });
  const ids = Array.from({ length: 90 }, (_, i) => `q${i}`);
  for (const id of ids) subscribe(id, STUCK);
  await inFlight(1);
  // Answered after all of them have begun.
  subscribe('here', '{ __typename }');
  expect(await socket.next()).toMatchObject({ id: 'here', type: 'next' });
  for (const id of ids.slice(1)) complete(id);
  subscribe('after', '{ viewer { username } }');
  await socket.until(({ id, type }) => id === 'after' && type === 'complete');
  expect(gateway().simulator.stats().inFlight).toBe(1);
  complete('q0');
  await inFlight(0);
  socket.close();
});
