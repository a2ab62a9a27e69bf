import { describe, expect, it } from 'vitest';
import { type Client, client } from './support/client.ts';

interface Event {
  event_type: string;
  created: string;
  context: Record<string, unknown>;
}

interface Row {
  uuid: string;
  url: string;
  state: string;
}

const SNAPSHOTS = '/api/openstack-snapshots/';
/** Longer than any operation of a made-up world. */
const DONE = { advanceMs: 120_000 };

/** The types of the events of an object, oldest first. */
async function typesOf({ api }: Client, uuid: string): Promise<string[]> {
  const { body } = await api<Event[]>('GET', '/api/events/?page_size=300&o=created');
  return body.filter(({ context }) => context.resource_uuid === uuid).map(({ event_type }) => event_type);
}

async function snapshotAtRest({ api }: Client): Promise<Row> {
  const { body } = await api<Row[]>('GET', `${SNAPSHOTS}?state=OK&page_size=1`);
  const [row] = body;
  if (row === undefined) throw new Error('no snapshot is at rest');
  return row;
}

describe.each(['2024', '2026'] as const)('the event log of %s', (waldur) => {
  it('has the start and the end of each action, and nothing of a change of the name', async () => {
    const it = await client({ waldur });
    const { uuid } = await snapshotAtRest(it);
    await it.api('PATCH', `${SNAPSHOTS}${uuid}/`, { body: { name: 'renamed' } });
    await it.sim('POST', '/clock', DONE);
    expect(await typesOf(it, uuid)).toEqual([]);
    await it.api('POST', `${SNAPSHOTS}${uuid}/pull/`);
    await it.sim('POST', '/clock', DONE);
    // A snapshot cannot be pulled in the version of 2024.
    const pulled = waldur === '2024' ? 'failed' : 'succeeded';
    expect(await typesOf(it, uuid)).toEqual(['resource_pull_scheduled', `resource_pull_${pulled}`]);
    await it.api('DELETE', `${SNAPSHOTS}${uuid}/`);
    await it.sim('POST', '/clock', DONE);
    expect((await typesOf(it, uuid)).slice(2)).toEqual(['resource_deletion_scheduled', 'resource_deletion_succeeded']);
  });

  it('has the creation of a restored volume, and no failed deletion', async () => {
    const it = await client({ waldur });
    const { uuid } = await snapshotAtRest(it);
    const restored = await it.api<Row>('POST', `${SNAPSHOTS}${uuid}/restore/`, { body: { name: 'restored' } });
    await it.sim('POST', '/clock', DONE);
    expect(await typesOf(it, restored.body.uuid)).toEqual([
      'resource_import_succeeded',
      'resource_creation_scheduled',
      'resource_creation_succeeded',
    ]);
    await it.sim('POST', '/cloud/failures', { operation: 'delete_snapshot', uuid });
    await it.api('DELETE', `${SNAPSHOTS}${uuid}/`);
    await it.sim('POST', '/clock', DONE);
    expect((await it.api<Row>('GET', `${SNAPSHOTS}${uuid}/`)).body.state).toMatch(/^erred$/i);
    expect(await typesOf(it, uuid)).toEqual(['resource_deletion_scheduled']);
  });
});

describe('who causes an event', () => {
  it('is named in the context, but for the worker', async () => {
    const it = await client();
    const { uuid } = await snapshotAtRest(it);
    await it.api('POST', `${SNAPSHOTS}${uuid}/pull/`, { headers: { 'x-forwarded-for': '203.0.113.9, 10.0.0.1' } });
    await it.sim('POST', '/clock', DONE);
    const { body } = await it.api<Event[]>('GET', '/api/events/?o=created');
    const [scheduled, succeeded] = body.map(({ context }) => context);
    expect(scheduled).toMatchObject({ user_username: 'staff', ip_address: '203.0.113.9' });
    expect(succeeded).not.toHaveProperty('user_username');
  });
});

describe('--users', () => {
  it('adds members with tokens who see every project', async () => {
    const it = await client({ users: 3 });
    const added = it.simulator.tokens().filter(({ username }) => username.startsWith('caller-'));
    expect(added.map(({ role }) => role)).toEqual(['member', 'member', 'member']);
    const [theirs, all] = await Promise.all(
      ['caller-2', 'staff'].map((as) => it.api('GET', `${SNAPSHOTS}?page_size=1`, { as })),
    );
    // The customer with access subnets does not admit this address.
    const [seen, total] = [theirs, all].map((answer) => Number(answer?.headers.get('x-result-count')));
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThanOrEqual(total ?? 0);
  });
});
