import { beforeEach, describe, expect, it } from 'vitest';
import { uuidOf } from '../support/gateway.ts';
import { type Client, operation, type Stream, useLive } from '../support/live.ts';

/** Promise 4, case 32: resume by cursor, or an explicit RESET, never a silent gap. */

const live = useLive();
const { outside } = live;
const DOCUMENT = operation('SnapshotChanges');
const tenant = uuidOf.tenant('genome-tenant');

let client: Client;
let uuid: string;
let name: string;
beforeEach(async () => {
  name = live.name();
  uuid = await outside.add('snapshots', { tenant, name });
  client = await live.client();
});

const watch = (after?: string, by = client): Stream => by.subscribe(DOCUMENT, { filter: { name }, after });
const brief = ({ kind, uuid: of, state }: { kind: string; uuid?: string | null; state?: string | null }) =>
  [kind, of, state].filter((part) => part != null).join(' ');

/** Everything up to the BOOKMARK. */
const opening = async (stream: Stream) => (await stream.until('BOOKMARK')).map(brief);

describe('a valid cursor', () => {
  it('only later events, then a BOOKMARK; no INITIAL', async () => {
    const witness = watch();
    await witness.until('BOOKMARK');
    const first = watch();
    await first.until('BOOKMARK');
    first.leave();
    await outside.change('snapshots', uuid, { state: 'UPDATING' });
    await witness.next();
    const second = await outside.add('snapshots', { tenant, name });
    await witness.next();
    await outside.drop('snapshots', second);
    await witness.next();
    const resumed = watch(first.cursor);
    const missed = await opening(resumed);
    expect(missed).toEqual([`STATE_CHANGED ${uuid} UPDATING`, `ADDED ${second} OK`, `REMOVED ${second}`, 'BOOKMARK']);
    await outside.change('snapshots', uuid, { state: 'OK' });
    expect(brief(await resumed.next())).toBe(`STATE_CHANGED ${uuid} OK`);
  });

  it('with no event missed: only the BOOKMARK', async () => {
    const first = watch();
    await first.until('BOOKMARK');
    expect(await opening(watch(first.cursor))).toEqual(['BOOKMARK']);
  });

  it('of any event, even one in the middle', async () => {
    const first = watch();
    await first.until('BOOKMARK');
    await outside.change('snapshots', uuid, { state: 'UPDATING' });
    const { cursor } = await first.next();
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    await first.next();
    expect(await opening(watch(cursor ?? ''))).toEqual([`STATE_CHANGED ${uuid} ERRED`, 'BOOKMARK']);
  });

  it('on another socket, after a time without subscribers: the changes since then', async () => {
    const first = watch();
    await first.until('BOOKMARK');
    client.socket.close();
    await client.socket.closed;
    await live.silence();
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    const other = await outside.add('snapshots', { tenant, name });
    const resumed = await opening(watch(first.cursor, await live.client()));
    expect(resumed.sort()).toEqual(['BOOKMARK', `ADDED ${other} OK`, `STATE_CHANGED ${uuid} ERRED`].sort());
    expect(resumed).not.toContain('RESET');
  });
});

describe('an unusable cursor', () => {
  const anew = () => ['RESET', `INITIAL ${uuid} OK`, 'BOOKMARK'];

  it.each([
    ['a text that is none', () => 'forged'],
    ['an empty one', () => ''],
    ['one that was changed', (cursor: string) => `${cursor.slice(0, -2)}${cursor.endsWith('AA') ? 'BB' : 'AA'}`],
    ['one with something behind it', (cursor: string) => `${cursor}x`],
    ['a very long one', (cursor: string) => cursor.repeat(200)],
  ])('forged, %s: RESET, then all objects again', async (_name, forge) => {
    const first = watch();
    await first.until('BOOKMARK');
    expect(await opening(watch(forge(first.cursor)))).toEqual(anew());
  });

  it('of another filter', async () => {
    const first = client.subscribe(DOCUMENT, { filter: { name, state: ['OK'] } });
    await first.until('BOOKMARK');
    expect(await opening(watch(first.cursor))).toEqual(anew());
  });

  it("of another caller: RESET, then only this caller's own objects", async () => {
    const theirs = (await live.client('admin3')).subscribe(DOCUMENT, { filter: {} });
    await theirs.until('BOOKMARK');
    const mine = client.subscribe(DOCUMENT, {
      filter: { state: ['OK'], projectUuid: uuidOf.project('Genome browser') },
    });
    await mine.until('BOOKMARK');
    const resumed = client.subscribe(DOCUMENT, {
      filter: { state: ['OK'], projectUuid: uuidOf.project('Genome browser') },
      after: theirs.cursor,
    });
    const events = await resumed.until('BOOKMARK');
    expect(events[0]?.kind).toBe('RESET');
    const of = (list: readonly { uuid?: string | null }[]) => new Set(list.map((event) => event.uuid ?? ''));
    expect(of(events)).toEqual(of(mine.events));
    for (const other of of(theirs.events)) if (other !== '') expect(of(events)).not.toContain(other);
  });

  it('too old: more events have followed than the log holds', async () => {
    const short = watch();
    await short.until('BOOKMARK');
    const old = short.cursor;
    // The log holds 1,000 events.
    const { world } = live.running().simulator;
    const row = world.tables.snapshots.get(uuid);
    if (row === undefined) throw new Error('the snapshot is gone');
    const rows = await Promise.all(Array.from({ length: 251 }, () => outside.add('snapshots', { tenant, name })));
    await short.until(() => short.events.filter(({ kind }) => kind === 'ADDED').length === rows.length);
    for (const state of ['ERRED', 'OK', 'ERRED'] as const) {
      const before = short.events.length;
      for (const one of rows) {
        const moved = world.tables.snapshots.get(one);
        if (moved !== undefined) world.update(moved, { state });
      }
      await short.until(() => short.events.length === before + rows.length);
    }
    const events = await watch(old).until('BOOKMARK');
    expect(events[0]?.kind).toBe('RESET');
    expect(events.filter(({ kind }) => kind === 'INITIAL')).toHaveLength(rows.length + 1);
  });
});
