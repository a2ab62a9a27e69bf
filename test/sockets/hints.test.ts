import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { Tuning } from '../../src/live/index.ts';
import { type Running, startGateway, tokenOf, type UpstreamRequest, uuidOf } from '../support/gateway.ts';
import { Client, FAST, operation, type Stream } from '../support/live.ts';

/** What Waldur's event log and the watcher do for subscribers, through the front door. */

/** An interval that never ends within a test. */
const NEVER_MS = 3_600_000;
const DOCUMENT = operation('SnapshotChanges');
const SNAPSHOTS = '/api/openstack-snapshots/';
const EVENTS = '/api/events/';

/** A header with a token, as the embedded Waldur lists it. */
const shown = (token: string): string =>
  `Token sha256:${createHash('sha256').update(token).digest('hex').slice(0, 12)}`;
const isPage = ({ path }: UpstreamRequest): boolean => path.includes('o=created') && !path.includes('state=');
const isEvents = ({ path }: UpstreamRequest): boolean => path.startsWith(EVENTS);
const isRead = (uuid: string) => (request: UpstreamRequest) =>
  request.method === 'GET' && request.path.startsWith(`${SNAPSHOTS}${uuid}/`);

describe('the event log of a large scope', () => {
  /** Only pages in turn show the scope: whatever arrives sooner was named by the log. */
  const IN_TURN: Partial<Tuning> = {
    ...{ pageMs: 150, relistMs: 0, hurryMs: NEVER_MS, eventsMs: 50, hintAgainMs: 50 },
    ...{ idleMs: NEVER_MS, hotForMs: 0, warmForMs: 0 },
  };
  let running: Running;
  /** A volume of the large project. */
  let volume: string;
  const clients: Client[] = [];

  const start = async (config: Partial<Config>, tuning: Partial<Tuning>) => {
    const live = { ...FAST, relationsMs: NEVER_MS, relationsMostMs: NEVER_MS, ...tuning };
    running = await startGateway(config, { live, simulator: { snapshots: 2_400, frozen: true } }, 'made-up');
    const { snapshots, volumes } = running.simulator.world.tables;
    const project = running.simulator.world.tables.users.get(entryOf('member').uuid)?.roles[0]?.scope_uuid ?? '';
    volume = [...volumes.values()].find(({ project_uuid }) => project_uuid === project)?.uuid ?? '';
    for (const row of snapshots.values()) {
      // Otherwise nothing in the scope would be quiet.
      row.state = 'OK';
      if (row.seq % 2 === 0) row.project_uuid = project;
    }
  };
  afterEach(() => {
    for (const { socket } of clients.splice(0)) socket.close();
    running.simulator.faults.clear();
  });

  const entryOf = (username: string) => {
    const found = running.simulator.tokens().find((one) => one.username === username);
    if (found === undefined) throw new Error(`there is no ${username}`);
    return found;
  };
  const tokenOfRole = (username: string): string => entryOf(username).token;
  /** A subscription of everything that a user sees, whose pages are read in turn. */
  const watch = async (username: string): Promise<Stream> => {
    const client = await Client.open(running.url, tokenOfRole(username));
    clients.push(client);
    const stream = client.subscribe(DOCUMENT);
    await stream.until('BOOKMARK');
    return stream;
  };
  /** A request to Waldur past the gateway, by another caller. */
  const elsewhere = async (path: string, method = 'POST', body?: object): Promise<{ uuid?: string }> => {
    const response = await fetch(`${running.simulator.url}${path}`, {
      method,
      headers: { authorization: `Token ${tokenOfRole('admin')}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(response.status).toBeLessThan(300);
    const text = await response.text();
    return text === '' ? {} : (JSON.parse(text) as { uuid?: string });
  };
  const drop = (uuid: string) => fetch(`${running.simulator.url}/__sim/snapshots/${uuid}`, { method: 'DELETE' });
  const heldIn = (stream: Stream): string[] =>
    stream.events.flatMap(({ kind, uuid }) => (kind === 'INITIAL' && uuid != null ? [uuid] : []));
  const nothingElse = (stream: Stream, uuid: string): void => {
    const others = stream.events.filter((event) => event.kind !== 'INITIAL' && event.uuid != null);
    expect(new Set(others.map((event) => event.uuid))).toEqual(new Set([uuid]));
  };
  const eventsRead = (): number => running.callsByRoute()[`GET ${EVENTS}`] ?? 0;

  describe('by default, when the number of objects differs', () => {
    beforeAll(() => start({}, IN_TURN));
    afterAll(() => running.gateway.close());

    it.each(['member', 'owner', 'staff'])('names what others create, to %s with the own token', async (username) => {
      const stream = await watch(username);
      // The last page would show the row itself.
      const pages = Math.ceil(heldIn(stream).length / 300);
      await expect
        .poll(async () => (await running.requests()).findLast(isPage)?.path, { interval: 10 })
        .toContain(`page=${pages}&`);
      const from = running.calls();
      const { uuid = '' } = await elsewhere(`/api/openstack-volumes/${volume}/snapshot/`, 'POST', {
        name: `by another, for ${username}`,
      });
      await stream.until((event) => event.kind === 'ADDED' && event.uuid === uuid);
      const requests = await running.requestsSince(from);
      const read = requests.filter((request) => isEvents(request) || isRead(uuid)(request));
      expect(read.map(({ headers }) => headers.authorization)).toContain(shown(tokenOfRole(username)));
      expect(requests.findIndex(isEvents)).toBeGreaterThanOrEqual(0);
      expect(requests.findIndex(isRead(uuid))).toBeGreaterThan(requests.findIndex(isEvents));
      nothingElse(stream, uuid);
    });

    it('names what others remove, before the page of the object is read', async () => {
      const stream = await watch('staff');
      for (const at of [0, 310, 777, 1_500]) {
        const gone = heldIn(stream)[at] ?? '';
        const from = running.calls();
        await drop(gone);
        await stream.until((event) => event.kind === 'REMOVED' && event.uuid === gone);
        expect((await running.requestsSince(from)).filter(isPage).length).toBeLessThanOrEqual(2);
      }
    });

    // Each with a caller of its own, who sees one project: a refusal is remembered for each log.
    it.each([
      [403, 'manager'],
      [404, 'member'],
    ])('answered with %d is noticed once; the pages show what changes', async (status, username) => {
      const stream = await watch(username);
      running.simulator.faults.add({ path: EVENTS, status });
      const before = eventsRead();
      const held = heldIn(stream);
      const removeOne = async () => {
        const [gone] = held.splice(held.length >> 1, 1);
        if (gone === undefined) throw new Error('The log was not read, whatever was removed.');
        await drop(gone);
        await stream.until((event) => event.kind === 'REMOVED' && event.uuid === gone);
      };
      // Only when the page that states the number is not the one that shows the object.
      while (eventsRead() === before) await removeOne();
      await removeOne();
      await removeOne();
      expect(eventsRead() - before).toBe(1);
      expect(stream.events.map(({ kind }) => kind)).not.toContain('STALE');
    });

    it.each<[string, (uuids: string[]) => unknown]>([
      ['forged', () => [entry('creation', 'f'.repeat(32)), entry('deletion', 'e'.repeat(32))]],
      ['wrong', (uuids) => uuids.slice(0, 6).map((uuid) => entry('deletion', uuid))],
      ['doubled', (uuids) => Array.from({ length: 300 }, () => entry('creation', uuids[3] ?? ''))],
      ['late', (uuids) => [entry('deletion', uuids[9] ?? '', '2020-01-01T00:00:00Z')]],
      ['of another shape', () => [{ context: null }, 7, { event_type: {}, context: { resource_uuid: 1 } }]],
      ['no list', () => ({ detail: 'nothing' })],
    ])('with entries that are %s harms nothing', async (_name, bodyOf) => {
      const stream = await watch('manager');
      const held = heldIn(stream);
      const gone = held[500] ?? '';
      running.simulator.faults.add({ path: EVENTS, status: 200, body: JSON.stringify(bodyOf(held)) });
      const from = running.calls();
      await drop(gone);
      await stream.until((event) => event.kind === 'REMOVED' && event.uuid === gone);
      nothingElse(stream, gone);
      const reads = (await running.requestsSince(from)).filter(({ path }) =>
        /^\/api\/openstack-snapshots\/[0-9a-f]{32}\//.test(path),
      );
      expect(reads.length).toBeLessThanOrEqual(20);
    });
  });

  describe('with EVENT_LOG=replace', () => {
    beforeAll(() =>
      start(
        { eventLog: 'replace' },
        { pageMs: 20, relistMs: 0, eventsMs: 50, hintAgainMs: 50, hintRelistMs: NEVER_MS },
      ),
    );
    afterAll(() => running.gateway.close());

    it('takes the place of pages, and names what others create, pull and remove', async () => {
      const stream = await watch('member');
      await expect.poll(async () => (await running.requests()).slice(-10).every(isEvents)).toBe(true);
      const held = heldIn(stream);
      const from = running.calls();
      const { uuid = '' } = await elsewhere(`/api/openstack-volumes/${volume}/snapshot/`, 'POST', {
        name: 'by another',
      });
      await stream.until((event) => event.kind === 'ADDED' && event.uuid === uuid);
      await elsewhere(`${SNAPSHOTS}${held[600]}/pull/`);
      await stream.until((event) => event.uuid === held[600] && event.state === 'UPDATE_SCHEDULED');
      await drop(held[300] ?? '');
      await stream.until((event) => event.kind === 'REMOVED' && event.uuid === held[300]);
      expect((await running.requestsSince(from)).filter(isPage)).toEqual([]);
    });
  });
});

const entry = (type: string, uuid: string, created = new Date().toISOString()) => ({
  event_type: `resource_${type}_succeeded`,
  created,
  context: { resource_type: 'OpenStack.Snapshot', resource_uuid: uuid },
});

describe('the watcher', () => {
  const target = uuidOf.snapshot('rw-target');
  let running: Running;
  const clients: Client[] = [];

  const start = async (watchToken: string, tuning: Partial<Tuning>) => {
    running = await startGateway({ watchToken }, { live: { ...FAST, ...tuning } });
  };
  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.close();
    await running.gateway.close();
  });
  const watch = async (as: string, document = DOCUMENT): Promise<Stream> => {
    const client = await Client.open(running.url, tokenOf(as));
    clients.push(client);
    const stream = client.subscribe(document);
    await stream.until('BOOKMARK');
    return stream;
  };
  const rename = (name: string) =>
    fetch(`${running.simulator.url}/__sim/snapshots/${target}`, { method: 'PATCH', body: JSON.stringify({ name }) });
  const lines = () => running.log.filter((line) => line.includes('WATCH_TOKEN'));

  it("shows another caller's change, read with the credentials of each subscriber", async () => {
    // Nobody but the watcher would look.
    await start(tokenOf('support'), { idleMs: NEVER_MS, warmForMs: 0, hotForMs: 0 });
    const streams = [await watch('admin1'), await watch('owner1')];
    await expect.poll(() => running.callsByRoute()[`GET ${SNAPSHOTS}`] ?? 0).toBeGreaterThan(5);
    const from = running.calls();
    await rename('by another caller');
    for (const stream of streams) {
      const changes = await stream.until((event) => JSON.stringify(event.snapshot ?? null).includes('by another'));
      expect(changes.at(-1)).toMatchObject({ uuid: target });
    }
    const requests = await running.requestsSince(from);
    const readers = requests.filter(isRead(target)).map(({ headers }) => headers.authorization);
    for (const as of ['admin1', 'owner1']) expect(readers).toContain(shown(tokenOf(as)));
    expect(lines()).toEqual([]);
  });

  it('with a wrong WATCH_TOKEN is one line, and callers are polled for', async () => {
    const wrong = 'f'.repeat(40);
    await start(wrong, {});
    const stream = await watch('admin1');
    await watch('admin1', operation('VolumeChanges'));
    await expect.poll(() => lines().length).toBe(1);
    await rename('seen by polls');
    await stream.until((event) => JSON.stringify(event.snapshot ?? null).includes('seen by polls'));
    // Others come and go, and the account is tried again.
    for (const { socket } of clients.splice(0)) socket.close();
    const again = await watch('owner1');
    await rename('seen by polls again');
    await again.until((event) => JSON.stringify(event.snapshot ?? null).includes('polls again'));
    expect(lines()).toHaveLength(1);
    expect(running.log.join('')).not.toContain(wrong);
  });
});
